package dev.countersign.messaging;

import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import java.util.UUID;

/// What the probe keeps: one row per action it was told of.
@Entity
@Table(name = "probe")
class ProbeRow {

  @Id
  @Column(name = "action_id")
  UUID actionId = new UUID(0, 0);

  String text = "";
}
