package io.turnstone.load.compare;

import io.turnstone.load.Figures;
import io.turnstone.load.Plan;
import io.turnstone.load.Run;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * One contender under one workload: starts its broker, runs load on it, notes figures. Owned by one thread.
 *
 * @param results where figures go
 */
record Trial(Work workload, Contender contender, Place place, Effort effort, Results results) {

    /** Starts the broker on what is in its data folder. */
    Broker start() throws IOException, InterruptedException {
        return Broker.start(contender, place);
    }

    /** Starts it with more options for its virtual machine. */
    Broker start(String... options) throws IOException, InterruptedException {
        var all = new ArrayList<>(place.javaOptions());
        all.addAll(List.of(options));
        return Broker.start(
                contender,
                new Place(place.root(), place.folder(), place.port(), place.anonymousPort(), place.spare(), all));
    }

    /** Runs a load and remarks on whatever was lost or refused. */
    Figures load(String title, Broker broker, Plan plan) throws IOException, InterruptedException {
        Figures figures = new Run(plan, Optional.of(broker.process())).measure();
        if (!figures.good()) {
            results.remark(contender.name() + ", " + workload.name() + " " + title + ": " + figures.trouble());
        }
        return figures;
    }

    void note(String title, Metric metric, double value) {
        results.add(new Results.Case(workload, title), contender.name(), metric, value);
    }
}
