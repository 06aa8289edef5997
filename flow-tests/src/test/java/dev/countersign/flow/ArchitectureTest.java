package dev.countersign.flow;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.domain.JavaClasses;
import java.security.Security;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

/// The walls of the house.
class ArchitectureTest {

  private static final JavaClasses SERVICES = House.classesOfAll();

  @Test
  void noServiceKnowsAnother() {
    for (String service : House.SERVICES) {
      String[] others =
          House.SERVICES.stream()
              .filter(each -> !each.equals(service))
              .map(each -> "dev.countersign." + each + "..")
              .toArray(String[]::new);
      noClasses()
          .that()
          .resideInAPackage("dev.countersign." + service + "..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(others)
          .because("services share events and messaging, and nothing else")
          .check(SERVICES);
    }
  }

  @Test
  void theDomainKnowsNoFramework() {
    noClasses()
        .that()
        .resideInAPackage("dev.countersign.*.domain..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(
            "io.quarkus..",
            "io.vertx..",
            "io.smallrye..",
            "jakarta..",
            "org.hibernate..",
            "org.apache.kafka..",
            "dev.countersign.messaging..",
            "dev.countersign.*.application..",
            "dev.countersign.*.inbound..",
            "dev.countersign.*.outbound..")
        .because("the rules must be readable and testable without anything running")
        .check(SERVICES);
  }

  @Test
  void theDomainAsksNoClockAndNoDice() {
    noClasses()
        .that()
        .resideInAPackage("dev.countersign.*.domain..")
        .should()
        .callMethod(Instant.class, "now")
        .orShould()
        .callMethod(Clock.class, "systemUTC")
        .orShould()
        .callMethod(System.class, "currentTimeMillis")
        .orShould()
        .callMethod(UUID.class, "randomUUID")
        .orShould()
        .dependOnClassesThat()
        .areAssignableTo(RandomGenerator.class)
        .because("time and chance are arguments, so that a run can be repeated")
        .check(SERVICES);
  }

  @Test
  void useCasesDoNotKnowTheirDoors() {
    noClasses()
        .that()
        .resideInAPackage("dev.countersign.*.application..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("dev.countersign.*.inbound..")
        .because("a use case is called by its doors and not the other way round")
        .check(SERVICES);
  }

  @Test
  void listenersAndResourcesStandInTheInboundRoom() {
    classes()
        .that()
        .haveSimpleNameEndingWith("Listener")
        .or()
        .haveSimpleNameEndingWith("Resource")
        .should()
        .resideInAPackage("dev.countersign.*.inbound..")
        .because("a newcomer looks for the way in there")
        .check(SERVICES);
  }

  @Test
  void theProcessGetsNoProviderButTheVerifiersForEcdsa() {
    List<JavaClasses> ours =
        List.of(SERVICES, House.classesOf("messaging"), House.classesOf("verifier"));
    for (JavaClasses each : ours) {
      noClasses()
          .that()
          .doNotHaveSimpleName("EcdsaByBouncyCastle")
          .should()
          .dependOnClassesThat()
          .areAssignableTo(Security.class)
          .because("TLS asks every provider that the process has, and must not ask AWS-LC")
          .check(each);
    }
  }

  @Test
  void namesSayWhatAThingIs() {
    noClasses()
        .should()
        .haveNameMatching(".*(Manager|Helper|Util|Utils|Impl|Dto|DTO)")
        .because("these words name no thing")
        .check(SERVICES);
  }
}
