package io.turnstone.store.checkpoint;

import io.turnstone.store.pages.Pages;
import io.turnstone.store.pages.Roots;

/** What one generation of MapDB's file holds, and the ways to find it. Owned like {@link Pages}. */
record Catalog(Pages pages, Roots roots, Directory directory, Definitions definitions) {

    /** One that tells of nothing yet. */
    static Catalog of(Pages pages) {
        var roots = new Roots(pages);
        return new Catalog(pages, roots, new Directory(pages, roots), new Definitions(pages, roots));
    }
}
