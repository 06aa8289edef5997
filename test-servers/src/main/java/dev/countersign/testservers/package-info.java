/// A real broker and a real database for the tests of the services.
@NullMarked
package dev.countersign.testservers;

import org.jspecify.annotations.NullMarked;
