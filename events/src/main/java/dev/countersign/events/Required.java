package dev.countersign.events;

import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Checks after reading that nothing is absent but what its record declares `@Nullable`: the
/// compiler checks our code, this checks what comes off the wire.
final class Required {

  private record Component(RecordComponent component, boolean optional) {}

  /// What is not there.
  ///
  /// @param path as far as it is known where
  private record Absent(String path, String said) {

    Absent in(String name) {
      return new Absent(path.isEmpty() ? name : name + "." + path, said);
    }
  }

  private static final ClassValue<List<Component>> COMPONENTS =
      new ClassValue<>() {
        @Override
        protected List<Component> computeValue(Class<?> type) {
          List<Component> components = new ArrayList<>();
          for (RecordComponent component : type.getRecordComponents()) {
            component.getAccessor().setAccessible(true);
            boolean optional = component.getAnnotatedType().isAnnotationPresent(Nullable.class);
            components.add(new Component(component, optional));
          }
          return components;
        }
      };

  private Required() {}

  /// Throws `IllegalArgumentException` that names the first member that is missing.
  static void check(Object value) {
    Absent absent = find(value);
    if (absent != null) {
      throw new IllegalArgumentException(absent.path + " " + absent.said);
    }
  }

  // On the way up: of all that is read, next to nothing lacks anything.
  private static @Nullable Absent find(Object value) {
    if (value instanceof Record part && inThisPackage(part)) {
      for (Component each : COMPONENTS.get(part.getClass())) {
        Object member = read(each.component, part);
        Absent absent =
            member != null ? find(member) : each.optional ? null : new Absent("", "is missing");
        if (absent != null) {
          return absent.in(each.component.getName());
        }
      }
    } else if (value instanceof List<?> list) {
      for (Object member : list) {
        Absent absent = member != null ? find(member) : new Absent("", "holds a null");
        if (absent != null) {
          return absent;
        }
      }
    }
    return null;
  }

  private static boolean inThisPackage(Record part) {
    return part.getClass().getPackage() == Required.class.getPackage();
  }

  private static @Nullable Object read(RecordComponent component, Record part) {
    try {
      return component.getAccessor().invoke(part);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(e);
    }
  }
}
