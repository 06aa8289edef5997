package dev.countersign.launcher;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.introspect.Annotated;
import com.fasterxml.jackson.databind.introspect.JacksonAnnotationIntrospector;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import dev.countersign.events.Topics;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.Namespace;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.PodTemplateSpec;
import io.fabric8.kubernetes.api.model.Probe;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceAccount;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.api.model.gatewayapi.v1.HTTPRoute;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyIngressRule;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyPeer;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyPeerBuilder;
import io.strimzi.api.kafka.model.topic.KafkaTopic;
import io.strimzi.api.kafka.model.user.KafkaUser;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// `k8s/` says the same as the launcher.
class KubernetesTest {

  private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
  private static final Path BASE = ROOT.resolve("k8s/base");
  private static final Path EXAMPLE = ROOT.resolve("k8s/overlays/example");
  private static final Path WITNESS = ROOT.resolve("k8s/witness");

  private static final Set<String> SERVICES =
      Set.of("gateway", "policy", "ticket", "notifier", "executor", "audit");

  private static final Map<String, Set<String>> CONSUMES =
      Map.of(
          "gateway",
          Set.of(
              Topics.VERDICT,
              Topics.TICKET_OPENED,
              Topics.TICKET_SEEN,
              Topics.DECISION,
              Topics.EXPIRED,
              Topics.EXECUTION,
              Topics.OVERSIGHT,
              Topics.NOTIFICATION),
          "policy",
          Set.of(Topics.ACTION_PROPOSED),
          "ticket",
          Set.of(
              Topics.VERDICT,
              Topics.ACTION_CANCELLED,
              Topics.VOTE_SUBMITTED,
              Topics.EXECUTION,
              Topics.LATE_OUTCOME),
          "notifier",
          Set.of(Topics.TICKET_OPENED, Topics.DECISION, Topics.EXPIRED),
          "executor",
          Set.of(Topics.DECISION, Topics.OVERSIGHT),
          "audit",
          Topics.ALL.stream()
              .filter(topic -> !topic.equals(Topics.AUDIT))
              .collect(Collectors.toSet()));

  private static final NetworkPolicyPeer SCRAPES =
      new NetworkPolicyPeerBuilder()
          .withNewNamespaceSelector()
          .addToMatchLabels("countersign.dev/scrapes", "true")
          .endNamespaceSelector()
          .withNewPodSelector()
          .addToMatchLabels("app.kubernetes.io/name", "prometheus")
          .endPodSelector()
          .build();

  private static final Pattern PLATFORMS_TOPIC =
      Pattern.compile("(?m)^\\| `([a-z-]+)` \\| (reads|writes) \\|");
  private static final Pattern SERIES = Pattern.compile("countersign_[a-z_]+");

  private static final Map<String, Class<?>> KINDS =
      Stream.<Class<?>>of(
              Deployment.class,
              Service.class,
              ConfigMap.class,
              Job.class,
              Namespace.class,
              NetworkPolicy.class,
              HTTPRoute.class,
              PersistentVolumeClaim.class,
              ServiceAccount.class,
              KafkaTopic.class,
              KafkaUser.class)
          .collect(Collectors.toMap(Class::getSimpleName, each -> each));

  /// Fails on a member that the model does not have; the models themselves would keep it silently.
  private static final ObjectMapper STRICT =
      YAMLMapper.builder()
          .annotationIntrospector(
              new JacksonAnnotationIntrospector() {
                private static final long serialVersionUID = 1;

                @Override
                public Boolean hasAnySetter(Annotated annotated) {
                  return false;
                }
              })
          .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
          .build();

  @Test
  void everyResourceIsOneThatKubernetesOrStrimziKnows() throws IOException {
    try (Stream<Path> files = Files.walk(ROOT.resolve("k8s"))) {
      for (Path file : files.filter(each -> each.toString().endsWith(".yaml")).toList()) {
        for (JsonNode document : documents(file)) {
          String kind = document.path("kind").asText();
          if (document.isObject() && !Set.of("Kustomization", "Component").contains(kind)) {
            Class<?> type = KINDS.get(kind);
            assertTrue(type != null, () -> file + ": add the kind " + kind + " to this test");
            STRICT.treeToValue(document, type);
          }
        }
      }
    }
  }

  @Test
  void aMisspeltMemberIsNoticed() {
    String misspelt =
        "{apiVersion: v1, kind: ConfigMap, metadata: {name: x, lables: {}}, data: {}}";
    assertTrue(fails(misspelt, ConfigMap.class));
    assertTrue(fails("{spec: {partition: 4}}", KafkaTopic.class));
    assertTrue(fails("{spec: {template: {spec: {conteiners: []}}}}", Deployment.class));
  }

  private static boolean fails(String yaml, Class<?> type) {
    try {
      STRICT.readValue(yaml, type);
      return false;
    } catch (IOException _) {
      return true;
    }
  }

  @Test
  void theTopicsAreTheLaunchers() {
    List<KafkaTopic> topics = all(KafkaTopic.class);
    assertEquals(Topics.ALL, topics.stream().map(each -> each.getMetadata().getName()).toList());
    for (KafkaTopic each : topics) {
      var launchers = KafkaTopics.topic(each.getMetadata().getName());
      assertEquals(launchers.numPartitions(), each.getSpec().getPartitions());
      Map<String, String> config = new TreeMap<>();
      each.getSpec().getConfig().forEach((name, value) -> config.put(name, value.toString()));
      assertEquals(new TreeMap<>(launchers.configs()), config, each.getMetadata().getName());
    }
  }

  @Test
  void eachServiceReadsAndWritesItsOwnTopicsAndNoOthers() throws IOException {
    Map<String, Set<String>> granted = new TreeMap<>();
    Map<String, Set<String>> wanted = new TreeMap<>();
    for (JsonNode user : documents(BASE.resolve("users.yaml"))) {
      String service = user.path("metadata").path("name").asText();
      Set<String> acls = new TreeSet<>();
      for (JsonNode acl : user.path("spec").path("authorization").path("acls")) {
        assertEquals("literal", acl.path("resource").path("patternType").asText());
        for (JsonNode operation : acl.path("operations")) {
          String what = operation.asText();
          if (!what.equals("Describe")) {
            acls.add(
                what
                    + " "
                    + acl.path("resource").path("type").asText()
                    + " "
                    + acl.path("resource").path("name").asText());
          }
        }
      }
      granted.put(service, acls);
    }
    for (String service : SERVICES) {
      Set<String> acls = new TreeSet<>();
      acls.add("Read group " + service + "-service");
      consumes(service).forEach(topic -> acls.add("Read topic " + topic));
      publishes(service).forEach(topic -> acls.add("Write topic " + topic));
      if (service.equals("audit")) {
        // What its database lacks after a backup was put back, it reads from its own topic.
        acls.add("Read topic " + Topics.AUDIT);
      }
      wanted.put(service, acls);
    }
    assertEquals(wanted, granted);
  }

  /// Its answers are its own to read; what people and policy say to each other is not.
  @Test
  void aPlatformProposesAndReadsTheAnswersAndNothingElse() throws IOException {
    Path file = EXAMPLE.resolve("platform.yaml");
    Map<String, Set<String>> topics = new TreeMap<>();
    for (JsonNode user : documents(file)) {
      for (JsonNode acl : user.path("spec").path("authorization").path("acls")) {
        assertEquals("literal", acl.path("resource").path("patternType").asText());
        if (acl.path("resource").path("type").asText().equals("topic")) {
          for (JsonNode operation : acl.path("operations")) {
            topics
                .computeIfAbsent(operation.asText(), _ -> new TreeSet<>())
                .add(acl.path("resource").path("name").asText());
          }
        }
      }
    }
    assertEquals(Set.of(Topics.ACTION_PROPOSED, Topics.ACTION_CANCELLED), topics.get("Write"));
    assertEquals(
        Set.of(Topics.TICKET_OPENED, Topics.DECISION, Topics.EXPIRED, Topics.EXECUTION),
        topics.get("Read"));
    assertEquals(Set.of("Describe", "Read", "Write"), topics.keySet());
    // What platforms are told is the same, wherever they look.
    Map<String, Set<String>> described = new TreeMap<>();
    documents(ROOT.resolve("events/src/main/resources/asyncapi.yaml"))
        .getFirst()
        .path("operations")
        .fieldNames()
        .forEachRemaining(operation -> {
          String[] part = operation.split("\\.");
          if (part[0].equals("agent-platform")) {
            described.computeIfAbsent(part[1], _ -> new TreeSet<>()).add(part[2]);
          }
        });
    assertEquals(Map.of("sends", topics.get("Write"), "receives", topics.get("Read")), described);
    Map<String, Set<String>> told = new TreeMap<>();
    PLATFORMS_TOPIC
        .matcher(Files.readString(ROOT.resolve("docs/agents.md")))
        .results()
        .forEach(row -> told.computeIfAbsent(row.group(2), _ -> new TreeSet<>()).add(row.group(1)));
    assertEquals(Map.of("writes", topics.get("Write"), "reads", topics.get("Read")), told);
  }

  @Test
  void agentsSayWhoTheyAre() {
    for (Deployment each : all(Deployment.class)) {
      if (each.getMetadata().getName().equals("gateway")) {
        assertTrue(
            container(each.getSpec().getTemplate().getSpec()).getEnv().stream()
                .anyMatch(it ->
                    it.getName().equals("COUNTERSIGN_AGENTS_REQUIRED")
                        && "true".equals(it.getValue())));
        return;
      }
    }
    throw new AssertionError("no gateway");
  }

  private static Set<String> consumes(String service) {
    return CONSUMES.getOrDefault(service, Set.of());
  }

  private static List<String> publishes(String service) throws IOException {
    Properties properties = new Properties();
    Path file = ROOT.resolve(service + "-service/src/main/resources/application.properties");
    try (InputStream in = Files.newInputStream(file)) {
      properties.load(in);
    }
    return Arrays.asList(properties.getProperty("countersign.publishes").split(",", -1));
  }

  @Test
  void theDeploymentsAreTheSixServicesOnThePortsOfTheContract() throws IOException {
    Set<String> names = new HashSet<>();
    for (Deployment each : all(Deployment.class)) {
      String name = each.getMetadata().getName();
      names.add(name);
      Properties properties = new Properties();
      Path file = ROOT.resolve(name + "-service/src/main/resources/application.properties");
      try (InputStream in = Files.newInputStream(file)) {
        properties.load(in);
      }
      Container container = container(each.getSpec().getTemplate().getSpec());
      Integer port = container.getPorts().getFirst().getContainerPort();
      assertEquals(
          "${countersign.port." + name + ":" + port + "}",
          properties.getProperty("quarkus.http.port"));
      assertEquals("/q/health/live", container.getLivenessProbe().getHttpGet().getPath());
      Probe startup = container.getStartupProbe();
      assertEquals("/q/health/live", startup.getHttpGet().getPath());
      assertEquals(900, startup.getPeriodSeconds() * startup.getFailureThreshold(), name);
      assertEquals("/q/health/ready", container.getReadinessProbe().getHttpGet().getPath());
      assertEquals(Set.of("cpu", "memory"), container.getResources().getLimits().keySet());
      assertEquals(Set.of("cpu", "memory"), container.getResources().getRequests().keySet());
      checkMounts(each.getSpec().getTemplate().getSpec());
    }
    assertEquals(SERVICES, names);
    assertEquals(
        SERVICES,
        all(Service.class).stream()
            .map(each -> each.getMetadata().getName())
            .collect(Collectors.toSet()));
  }

  /// What is measured on one machine is what runs in a cluster.
  @Test
  void theImageHasTheLaunchersFlags() throws IOException {
    String file = Files.readString(ROOT.resolve("k8s/Dockerfile")).replace("\\\n", "");
    String entry = file.substring(file.indexOf("ENTRYPOINT ") + "ENTRYPOINT ".length());
    String line = STRICT.readTree(entry).path(2).asText();
    List<String> wanted = new ArrayList<>(List.of("exec", "java"));
    wanted.addAll(SystemPlan.SERVICE);
    wanted.addAll(List.of("$COUNTERSIGN_JAVA_FLAGS", "-jar", "/app/quarkus-run.jar"));
    assertEquals(wanted, List.of(line.split("\\s+", -1)));
    for (Deployment each : all(Deployment.class)) {
      boolean gateway = each.getMetadata().getName().equals("gateway");
      assertEquals(
          gateway ? List.of(String.join(" ", SystemPlan.GATEWAY)) : List.of(),
          container(each.getSpec().getTemplate().getSpec()).getEnv().stream()
              .filter(it -> it.getName().equals("COUNTERSIGN_JAVA_FLAGS"))
              .map(EnvVar::getValue)
              .toList());
    }
  }

  /// Each names files that it mounts, by settings that the service's own file speaks of.
  @Test
  void whatAComponentAddsIsWhatTheServicesRead() throws IOException {
    int components = 0;
    for (String component : List.of("mtls", "signed")) {
      Path folder = ROOT.resolve("k8s/components").resolve(component);
      for (Deployment each : all(folder, Deployment.class)) {
        PodSpec pod = each.getSpec().getTemplate().getSpec();
        checkMounts(pod);
        String properties =
            Files.readString(
                ROOT.resolve(
                    each.getMetadata().getName()
                        + "-service/src/main/resources/application.properties"));
        Set<String> settings =
            Pattern.compile("countersign(\\.[a-z-]+)+")
                .matcher(properties)
                .results()
                .map(found -> found.group().replaceAll("[.-]", "_").toUpperCase(Locale.ROOT))
                .collect(Collectors.toSet());
        for (EnvVar variable : container(pod).getEnv()) {
          if (variable.getName().equals("QUARKUS_PROFILE")) {
            assertTrue(properties.contains("%" + variable.getValue() + "."), component);
          } else {
            assertTrue(settings.contains(variable.getName()), variable::toString);
            assertTrue(
                container(pod).getVolumeMounts().stream()
                    .anyMatch(it -> variable.getValue().startsWith(it.getMountPath() + "/")),
                variable::toString);
          }
        }
        components++;
      }
    }
    assertEquals(3, components);
  }

  @Test
  void servicesAndRolesAskForTheSameProofOfTheDatabase() throws IOException {
    Path folder = ROOT.resolve("k8s/components/database-tls");
    Map<String, String> told = all(folder, ConfigMap.class).getFirst().getData();
    JsonNode mount = documents(folder.resolve("ca.yaml")).getFirst().path(1).path("value");
    assertEquals(
        Map.of(
            "COUNTERSIGN_DB_SSLMODE",
            "verify-full",
            "COUNTERSIGN_DB_CA",
            mount.path("mountPath").asText() + "/ca.crt"),
        told);
    PodSpec job = all(Job.class).getFirst().getSpec().getTemplate().getSpec();
    Map<String, String> asked = new TreeMap<>();
    for (EnvVar each : container(job).getEnv()) {
      if (each.getName().startsWith("PGSSL")) {
        asked.put(each.getName(), each.getValueFrom().getConfigMapKeyRef().getKey());
      }
    }
    assertEquals(
        Map.of("PGSSLMODE", "COUNTERSIGN_DB_SSLMODE", "PGSSLROOTCERT", "COUNTERSIGN_DB_CA"), asked);
  }

  /// Only the log is of use while it is not ready: it is evidence then.
  @Test
  void theLogIsReachedWhileItIsBroken() {
    for (Service each : all(Service.class)) {
      assertEquals(
          each.getMetadata().getName().equals("audit"),
          Boolean.TRUE.equals(each.getSpec().getPublishNotReadyAddresses()),
          each.getMetadata().getName());
    }
  }

  /// The folder of a running system lies beside what is built, with all of its keys.
  @Test
  void anImageIsSentWhatItTakesAndNothingElse() throws IOException {
    List<String> ignored =
        Files.readAllLines(ROOT.resolve(".dockerignore")).stream()
            .filter(line -> !line.startsWith("#"))
            .toList();
    assertEquals("*", ignored.getFirst());
    Set<String> taken = new TreeSet<>();
    for (String image : List.of("k8s/Dockerfile", "k8s/witness/Dockerfile")) {
      Pattern.compile("(?m)^COPY (\\S+)")
          .matcher(Files.readString(ROOT.resolve(image)))
          .results()
          .forEach(found -> taken.add("!" + found.group(1).replace("${SERVICE}", "*")));
    }
    assertEquals(
        taken,
        ignored.stream()
            .filter(line -> line.startsWith("!"))
            .collect(Collectors.toCollection(TreeSet::new)));
    assertTrue(ignored.contains("**/*.aot"), "of another machine");
  }

  @Test
  void nothingRunsAsRootOrWritesItsOwnImage() {
    List<PodSpec> pods = new ArrayList<>();
    all(Deployment.class).forEach(each -> pods.add(each.getSpec().getTemplate().getSpec()));
    all(Job.class).forEach(each -> pods.add(each.getSpec().getTemplate().getSpec()));
    all(WITNESS, Deployment.class)
        .forEach(each -> pods.add(each.getSpec().getTemplate().getSpec()));
    assertEquals(8, pods.size());
    for (PodSpec pod : pods) {
      assertEquals(true, pod.getSecurityContext().getRunAsNonRoot());
      assertEquals("RuntimeDefault", pod.getSecurityContext().getSeccompProfile().getType());
      assertEquals(false, pod.getAutomountServiceAccountToken());
      var security = container(pod).getSecurityContext();
      assertEquals(true, security.getReadOnlyRootFilesystem());
      assertEquals(false, security.getAllowPrivilegeEscalation());
      assertEquals(List.of("ALL"), security.getCapabilities().getDrop());
    }
  }

  @Test
  void theWitnessSharesNothingWithWhatItWatches() throws IOException {
    Deployment witness = all(WITNESS, Deployment.class).getFirst();
    PodSpec pod = witness.getSpec().getTemplate().getSpec();
    Container container = container(pod);
    int port = Ports.of(Map.of()).of("witness");
    assertEquals(port, container.getPorts().getFirst().getContainerPort());
    assertEquals(1, witness.getSpec().getReplicas());
    assertEquals("Recreate", witness.getSpec().getStrategy().getType());
    checkMounts(pod);
    assertEquals("witness", pod.getServiceAccountName());
    assertEquals(List.of(), container.getEnvFrom());
    assertTrue(
        container.getEnv().stream().allMatch(each -> each.getValueFrom() == null), "no secrets");
    String namespace = all(WITNESS, Namespace.class).getFirst().getMetadata().getName();
    JsonNode kustomization = documents(WITNESS.resolve("kustomization.yaml")).getFirst();
    assertEquals(namespace, kustomization.path("namespace").asText());
    String settings = Files.readString(BASE.resolve("settings.yaml"));
    assertTrue(settings.contains("http://witness." + namespace + ":" + port), settings);
    assertTrue(
        !Files.readString(BASE.resolve("kustomization.yaml")).contains("witness"),
        "whoever applies the base does not apply the witness");
  }

  @Test
  void theDatabaseHasTheLaunchersRoles() throws IOException {
    try (InputStream launchers = DatabaseRoles.class.getResourceAsStream("roles.sql")) {
      assertEquals(
          new String(launchers.readAllBytes(), StandardCharsets.UTF_8),
          Files.readString(BASE.resolve("roles.sql")),
          "copy the launcher's roles.sql to k8s/base");
    }
    String job = Files.readString(BASE.resolve("database.yaml"));
    for (String role : DatabaseRoles.LOGINS) {
      assertTrue(job.contains("ALTER ROLE " + role + " PASSWORD :'password';"), role);
    }
  }

  /// What speaks for the operator at one service speaks for them at no other.
  @Test
  void eachServiceHasAnOperatorSecretOfItsOwn() throws IOException {
    for (String name : List.of("ticket", "gateway", "audit")) {
      String secret = name.equals("ticket") ? "countersign-operator" : name + "-operator";
      assertEquals(
          List.of(secret),
          Pattern.compile("name: (\\S*-operator)\\b")
              .matcher(Files.readString(BASE.resolve(name + ".yaml")))
              .results()
              .map(found -> found.group(1))
              .toList());
    }
  }

  @Test
  void theRolesAreMadeWhereTheServicesLook() throws IOException {
    String job = Files.readString(BASE.resolve("database.yaml"));
    assertTrue(job.contains("key: COUNTERSIGN_DB"), job);
    assertFalse(job.contains("PGHOST"), job);
    assertTrue(job.contains("ttlSecondsAfterFinished"), "it can be applied again");
  }

  /// A backup is put back after the roles are there and before any service is.
  @Test
  void whatAPutBackDatabaseWantsIsAppliedByItsLabelWithoutAnyService() throws IOException {
    Set<String> first = new TreeSet<>();
    for (Path folder : List.of(BASE, EXAMPLE)) {
      try (Stream<Path> files = Files.list(folder)) {
        for (Path file : files.filter(each -> each.toString().endsWith(".yaml")).toList()) {
          for (JsonNode each : documents(file)) {
            first.addAll(ofFirst(each));
            each.path("configMapGenerator").forEach(it -> first.addAll(ofFirst(it)));
            each.path("secretGenerator").forEach(it -> first.addAll(ofFirst(it)));
          }
        }
      }
    }
    Set<String> wanted =
        new TreeSet<>(Set.of("countersign", "database-roles", "ticket-state", "audit-state"));
    PodSpec job = all(Job.class).getFirst().getSpec().getTemplate().getSpec();
    for (EnvVar each : container(job).getEnv()) {
      if (each.getValueFrom() != null && each.getValueFrom().getConfigMapKeyRef() != null) {
        wanted.add(each.getValueFrom().getConfigMapKeyRef().getName());
      } else if (each.getValueFrom() != null) {
        wanted.add(each.getValueFrom().getSecretKeyRef().getName());
      }
    }
    assertEquals(wanted, first);
  }

  private static List<String> ofFirst(JsonNode resource) {
    JsonNode known = resource.has("options") ? resource.path("options") : resource.path("metadata");
    return known.path("labels").path("countersign.dev/first").asText().equals("true")
        ? List.of(resource.path("metadata").path("name").asText(resource.path("name").asText()))
        : List.of();
  }

  /// Not by way of the address that people open: pods need not reach it.
  @Test
  void whoeverNeedsKeysGetsThemWithinTheCluster() throws IOException {
    for (String name : List.of("executor", "audit")) {
      assertTrue(
          Files.readString(BASE.resolve(name + ".yaml"))
              .contains("value: http://ticket:8082/.well-known/jwks.json"),
          name);
    }
  }

  /// Whoever is told another's address within the cluster gets in there, and no other pod does.
  @Test
  void whoConnectsToWhomIsWhatTheDeploymentsAreTold() {
    Pattern address = Pattern.compile("http://(\\w+):\\d+(/.*)?");
    Map<String, Set<String>> told = new TreeMap<>();
    SERVICES.forEach(each -> told.put(each, new TreeSet<>()));
    for (Deployment each : all(Deployment.class)) {
      for (EnvVar variable : container(each.getSpec().getTemplate().getSpec()).getEnv()) {
        Matcher found = address.matcher(String.valueOf(variable.getValue()));
        if (found.matches()) {
          told.computeIfAbsent(found.group(1), _ -> new TreeSet<>())
              .add(each.getMetadata().getName());
        }
      }
    }
    assertEquals(Set.of("executor", "audit"), told.get("ticket"));
    Map<String, Set<String>> pods = new TreeMap<>();
    SERVICES.forEach(each -> pods.put(each, new TreeSet<>()));
    Set<String> open = new TreeSet<>();
    for (NetworkPolicy policy : all(NetworkPolicy.class)) {
      String service = policy.getMetadata().getName();
      assertEquals(List.of("Ingress"), policy.getSpec().getPolicyTypes());
      if (SERVICES.contains(service)) {
        assertEquals(
            Map.of("app.kubernetes.io/name", service),
            policy.getSpec().getPodSelector().getMatchLabels());
        for (NetworkPolicyPeer peer : peers(policy)) {
          assertNull(peer.getIpBlock());
          if (peer.getNamespaceSelector() == null) {
            pods.computeIfAbsent(service, _ -> new TreeSet<>())
                .addAll(peer.getPodSelector().getMatchLabels().values());
          } else {
            assertEquals(
                Map.of("countersign.dev/reaches-" + service, "true"),
                peer.getNamespaceSelector().getMatchLabels());
            open.add(service);
          }
        }
      } else if (service.equals("metrics")) {
        assertEquals(List.of(SCRAPES), peers(policy));
      } else {
        assertEquals("nobody-else", service);
        assertEquals(List.of(), policy.getSpec().getIngress());
      }
    }
    assertEquals(told, pods);
    assertEquals(Set.of("gateway", "ticket", "executor", "audit"), open);
  }

  @Test
  void intoAPodThatNoPolicyNamesNothingComes() {
    NetworkPolicy all =
        all(NetworkPolicy.class).stream()
            .filter(each -> each.getSpec().getIngress().isEmpty())
            .findFirst()
            .orElseThrow();
    var labels = all.getSpec().getPodSelector().getMatchLabels().entrySet();
    assertEquals(1, labels.size());
    List<PodTemplateSpec> pods = new ArrayList<>();
    all(Deployment.class).forEach(each -> pods.add(each.getSpec().getTemplate()));
    all(Job.class).forEach(each -> pods.add(each.getSpec().getTemplate()));
    for (PodTemplateSpec pod : pods) {
      assertTrue(pod.getMetadata().getLabels().entrySet().containsAll(labels), pod::toString);
    }
  }

  @Test
  void toTheWitnessComesTheLogAlone() throws IOException {
    NetworkPolicy policy = all(WITNESS, NetworkPolicy.class).getFirst();
    assertEquals(
        policy.getSpec().getPodSelector().getMatchLabels(),
        all(WITNESS, Deployment.class)
            .getFirst()
            .getSpec()
            .getTemplate()
            .getMetadata()
            .getLabels()
            .entrySet()
            .stream()
            .filter(each -> each.getKey().equals("app.kubernetes.io/name"))
            .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue)));
    assertEquals(2, peers(policy).size());
    assertEquals(SCRAPES, peers(policy).get(1));
    NetworkPolicyPeer log = peers(policy).getFirst();
    assertEquals(
        Map.of(
            "kubernetes.io/metadata.name",
            documents(EXAMPLE.resolve("namespace.yaml"))
                .getFirst()
                .path("metadata")
                .path("name")
                .asText()),
        log.getNamespaceSelector().getMatchLabels());
    assertEquals(Map.of("app.kubernetes.io/name", "audit"), log.getPodSelector().getMatchLabels());
  }

  /// The executor's port carries everything else, too, and asks nobody who they are.
  @Test
  void whoRedeemsReachesTwoPathsOfTheExecutor() throws IOException {
    String action = "/v1/executions/" + UUID.randomUUID();
    List<String> reached = new ArrayList<>();
    HTTPRoute route = STRICT.readValue(EXAMPLE.resolve("redeem.yaml").toFile(), HTTPRoute.class);
    for (var rule : route.getSpec().getRules()) {
      for (var match : rule.getMatches()) {
        String path = match.getPath().getValue();
        for (String each :
            List.of(
                "/v1/grants/redeem",
                action + "/outcome",
                action,
                action + "/response",
                action + "/response/outcome",
                "/v1/preconditions",
                "/v1/freezes",
                "/v1/servers",
                "/q/metrics")) {
          if (match.getPath().getType().equals("Exact")
              ? path.equals(each)
              : Pattern.matches(path, each)) {
            reached.add(match.getMethod() + " " + each);
          }
        }
      }
      rule.getBackendRefs().forEach(each -> assertEquals("executor", each.getName()));
    }
    assertEquals(List.of("POST /v1/grants/redeem", "POST " + action + "/outcome"), reached);
  }

  /// A rule without `from` is for everybody, one without `ports` for each of them.
  private static List<NetworkPolicyPeer> peers(NetworkPolicy policy) {
    for (NetworkPolicyIngressRule rule : policy.getSpec().getIngress()) {
      assertFalse(rule.getFrom().isEmpty(), policy::toString);
      assertEquals(
          List.of("http"),
          rule.getPorts().stream().map(port -> port.getPort().getStrVal()).toList());
    }
    return policy.getSpec().getIngress().stream().flatMap(each -> each.getFrom().stream()).toList();
  }

  @Test
  void everyFileOfTheOperatorIsInTheConfigMap() throws IOException {
    JsonNode kustomization = documents(ROOT.resolve("config/kustomization.yaml")).getFirst();
    Set<String> listed = new TreeSet<>();
    kustomization
        .path("configMapGenerator")
        .path(0)
        .path("files")
        .forEach(file -> listed.add(file.asText()));
    assertEquals(Set.of("approvers.yaml", "connectors.yaml", "policy.yaml", "tools.yaml"), listed);
  }

  @Test
  void theBaseHasAllOfItsFiles() throws IOException {
    JsonNode kustomization = documents(BASE.resolve("kustomization.yaml")).getFirst();
    Set<String> listed = new TreeSet<>();
    kustomization.path("resources").forEach(each -> listed.add(each.asText()));
    Set<String> wanted = new TreeSet<>(Set.of("../../config"));
    try (Stream<Path> files = Files.list(BASE)) {
      files
          .map(file -> String.valueOf(file.getFileName()))
          .filter(name -> name.endsWith(".yaml") && !name.equals("kustomization.yaml"))
          .forEach(wanted::add);
    }
    assertEquals(wanted, listed);
  }

  @Test
  void everyAlarmIsOnAMeterThatThereIsAndSaysWhatToDo() throws IOException {
    StringBuilder sources = new StringBuilder();
    try (Stream<Path> files = Files.walk(ROOT)) {
      for (Path file :
          files
              .filter(each -> each.toString().endsWith(".java"))
              .filter(each -> ROOT.relativize(each).toString().contains("/src/main/"))
              .toList()) {
        sources.append(Files.readString(file));
      }
    }
    JsonNode rules =
        documents(ROOT.resolve("docs/runbooks/alerts.yaml")).getFirst().at("/groups/0/rules");
    assertFalse(rules.isEmpty());
    for (JsonNode rule : rules) {
      String expression = rule.path("expr").textValue();
      List<String> named =
          SERIES.matcher(expression).results().map(found -> found.group()).distinct().toList();
      assertFalse(named.isEmpty(), expression);
      for (String series : named) {
        // The witness writes its own; of the others the library makes the suffix.
        String literal =
            series.startsWith("countersign_witness_")
                ? series.substring("countersign_witness_".length())
                : series.replaceAll("_(total|seconds)$", "").replace('_', '.');
        assertTrue(sources.indexOf('"' + literal + '"') >= 0, series);
      }
      assertFalse(rule.at("/annotations/summary").asText().isBlank(), expression);
      String toDo = rule.at("/annotations/description").asText();
      assertFalse(toDo.isBlank(), expression);
      if (toDo.startsWith("docs/")) {
        assertTrue(Files.exists(ROOT.resolve(toDo)), toDo);
      }
    }
  }

  private static void checkMounts(PodSpec pod) {
    Set<String> volumes =
        pod.getVolumes().stream().map(each -> each.getName()).collect(Collectors.toSet());
    Set<String> mounts =
        container(pod).getVolumeMounts().stream()
            .map(each -> each.getName())
            .collect(Collectors.toSet());
    assertEquals(volumes, mounts);
  }

  private static Container container(PodSpec pod) {
    assertEquals(1, pod.getContainers().size());
    return pod.getContainers().getFirst();
  }

  private static <T> List<T> all(Class<T> type) {
    return all(BASE, type);
  }

  private static <T> List<T> all(Path folder, Class<T> type) {
    List<T> found = new ArrayList<>();
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file : files.filter(each -> each.toString().endsWith(".yaml")).sorted().toList()) {
        for (JsonNode document : documents(file)) {
          if (type.equals(KINDS.get(document.path("kind").asText()))) {
            found.add(STRICT.treeToValue(document, type));
          }
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return found;
  }

  private static List<JsonNode> documents(Path file) throws IOException {
    List<JsonNode> documents = new ArrayList<>();
    try (JsonParser parser = STRICT.createParser(file.toFile())) {
      while (parser.nextToken() != null) {
        documents.add(STRICT.readTree(parser));
      }
    }
    return documents;
  }
}
