package io.turnstone.load.compare;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.StringReader;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.xml.sax.InputSource;

@DisplayName("A report")
class ReportsTest {

    private final Results results = new Results();
    private Heading heading;

    @BeforeEach
    void threeContenders() {
        Map<String, String> versions = new LinkedHashMap<>();
        versions.put("turnstone", "Turnstone 1");
        versions.put("artemis", "Artemis \"2\" <x>");
        versions.put("broker-j", "Broker-J");
        versions.put("null", "the floor");
        heading =
                new Heading("Title", "2026-01-02", "A machine", "Settings.", versions, List.of("artemis", "broker-j"));
        var of = new Results.Case(Workload.W1, "100 B & more");
        for (double rate : new double[] {900, 1000, 1300}) {
            results.add(of, "turnstone", Metric.RATE, rate);
        }
        results.add(of, "turnstone", Metric.CPU, 0.5);
        results.add(of, "artemis", Metric.RATE, 100);
        results.add(of, "artemis", Metric.RATE, 300);
        results.add(of, "artemis", Metric.CPU, 10);
        results.add(of, "broker-j", Metric.RATE, 50);
        results.add(of, "broker-j", Metric.CPU, 8);
        results.add(of, "null", Metric.RATE, 5000);
        results.remark("one \"lost\"\nmessage");
    }

    @Test
    void comparesMediansWithTheBestPeer() {
        String text = new MarkdownReport(heading, results).text("plot.svg", "compare --quick");

        assertThat(text)
                .contains("| | msg/s | × | CPU µs/msg | × |")
                .contains("| turnstone | 1,000 (900–1,300) | 5.00 | 0.50 | 0.063 |")
                .contains("| artemis | 200 (100–300) | 1.00 | 10.00 | 1.25 |")
                .contains("| broker-j | 50 | 0.25 | 8.00 | 1.00 |")
                .contains("| null | 5,000 | 25.0 |  |  |")
                .contains("`compare --quick` on 2026-01-02")
                .contains("- one \"lost\" message");
    }

    @Test
    void namesTheOnePeerThatThereIs() {
        var alone =
                new Heading("Title", "2026-01-02", "A machine", "Settings.", heading.versions(), List.of("artemis"));

        assertThat(new MarkdownReport(alone, results).text("plot.svg", "ourselves"))
                .contains("`×` is the ratio of medians to\n`artemis` in this run");
    }

    @Test
    void keepsWorkloadsInTheirOrder() {
        results.add(new Results.Case(Workload.W12, "last"), "artemis", Metric.RATE, 1);
        results.add(new Results.Case(Workload.W2, "middle"), "artemis", Metric.RATE, 1);

        assertThat(results.cases()).extracting(Results.Case::title).containsExactly("100 B & more", "middle", "last");
    }

    @Test
    void hasEveryRepetitionAsJson() {
        assertThat(JsonReport.text(heading, results))
                .contains("\"artemis\": \"Artemis \\\"2\\\" <x>\"")
                .contains(
                        "\"contender\": \"turnstone\", \"metric\": \"msg/s\", \"values\": [900.0000, 1000.0000, 1300.0000]")
                .contains("\"remarks\": [\"one \\\"lost\\\"\\u000amessage\"]");
    }

    @Test
    void isAlsoAPicture() throws Exception {
        String svg = new Plot(heading, results).svg();

        var document =
                DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(new InputSource(new StringReader(svg)));
        assertThat(document.getElementsByTagName("rect").getLength()).isEqualTo(1 + 4 + 3);
        assertThat(svg).contains("W1, 100 B &amp; more");
    }
}
