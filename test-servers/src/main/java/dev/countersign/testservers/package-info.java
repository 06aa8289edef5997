/// A real broker and a real database for the tests of the services, and what stands for the other
/// services there.
@NullMarked
package dev.countersign.testservers;

import org.jspecify.annotations.NullMarked;
