package dev.countersign.events;

import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Checks after reading that nothing is absent but what its record declares `@Nullable`: the
/// compiler checks our code, this checks what comes off the wire.
final class Required {

  private record Component(RecordComponent component, boolean optional) {}

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
    check(value, "");
  }

  private static void check(Object value, String path) {
    if (value instanceof Record part && inThisPackage(part)) {
      for (Component each : COMPONENTS.get(part.getClass())) {
        String name =
            path.isEmpty() ? each.component.getName() : path + "." + each.component.getName();
        Object member = read(each.component, part);
        if (member != null) {
          check(member, name);
        } else if (!each.optional) {
          throw new IllegalArgumentException(name + " is missing");
        }
      }
    } else if (value instanceof List<?> list) {
      for (Object member : list) {
        if (member == null) {
          throw new IllegalArgumentException(path + " holds a null");
        }
        check(member, path);
      }
    }
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
