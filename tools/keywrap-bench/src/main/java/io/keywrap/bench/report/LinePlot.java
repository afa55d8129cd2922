package io.keywrap.bench.report;

import java.awt.BasicStroke;
import java.awt.Color;
import java.io.IOException;
import java.util.List;
import java.util.Locale;
import org.jfree.chart.ChartFactory;
import org.jfree.chart.JFreeChart;
import org.jfree.chart.axis.NumberAxis;
import org.jfree.chart.plot.PlotOrientation;
import org.jfree.chart.plot.XYPlot;
import org.jfree.chart.renderer.xy.XYLineAndShapeRenderer;
import org.jfree.data.xy.XYSeries;
import org.jfree.data.xy.XYSeriesCollection;

/** A line for each contestant and JDK, a value each second. */
final class LinePlot {
    private static final List<Color> COLORS = List.of(
            new Color(0x1F, 0x6F, 0xB2),
            new Color(0xD9, 0x7A, 0x1E),
            new Color(0x3A, 0x8F, 0x5A),
            new Color(0x8A, 0x5A, 0xA8));

    private LinePlot() {}

    static String svg(Question question, List<Series> all) throws IOException {
        XYSeriesCollection data = new XYSeriesCollection();
        for (Series one : all) {
            XYSeries line = new XYSeries(one.contestant() + ", JDK " + one.jdk());
            for (int i = 0; i < one.values().size(); i++) {
                line.add(i + 1, one.values().get(i));
            }
            data.addSeries(line);
        }
        JFreeChart chart = ChartFactory.createXYLineChart(
                question.title(), "seconds", all.get(0).unit(), data, PlotOrientation.VERTICAL, true, false, false);
        Svg.plain(chart);
        XYPlot plot = chart.getXYPlot();
        plot.setRangeGridlinePaint(Svg.GRID);
        plot.setDomainGridlinePaint(Svg.GRID);
        for (NumberAxis axis : List.of((NumberAxis) plot.getDomainAxis(), (NumberAxis) plot.getRangeAxis())) {
            axis.setStandardTickUnits(NumberAxis.createStandardTickUnits(Locale.ROOT));
            axis.setAutoRangeIncludesZero(true);
            axis.setTickLabelFont(Svg.FONT);
            axis.setLabelFont(Svg.FONT);
        }
        XYLineAndShapeRenderer renderer = new XYLineAndShapeRenderer(true, false);
        for (int i = 0; i < all.size(); i++) {
            renderer.setSeriesPaint(i, COLORS.get(i % COLORS.size()));
            renderer.setSeriesStroke(i, new BasicStroke(1.5f));
        }
        plot.setRenderer(renderer);
        return Svg.of(chart, 420);
    }
}
