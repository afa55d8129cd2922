package io.keywrap.bench.report;

import io.keywrap.bench.report.Series.Row;
import java.awt.Color;
import java.awt.Paint;
import java.io.IOException;
import java.util.List;
import java.util.Locale;
import org.jfree.chart.ChartFactory;
import org.jfree.chart.JFreeChart;
import org.jfree.chart.axis.CategoryAxis;
import org.jfree.chart.axis.NumberAxis;
import org.jfree.chart.axis.TickUnitSource;
import org.jfree.chart.labels.CategoryItemLabelGenerator;
import org.jfree.chart.labels.ItemLabelAnchor;
import org.jfree.chart.labels.ItemLabelPosition;
import org.jfree.chart.labels.StandardCategoryItemLabelGenerator;
import org.jfree.chart.plot.CategoryPlot;
import org.jfree.chart.plot.PlotOrientation;
import org.jfree.chart.renderer.category.BarRenderer;
import org.jfree.chart.renderer.category.StandardBarPainter;
import org.jfree.chart.ui.TextAnchor;
import org.jfree.data.category.CategoryDataset;
import org.jfree.data.category.DefaultCategoryDataset;

/** A bar for each contestant and JDK. */
final class BarPlot {
    private static final int ROW = 22;

    private BarPlot() {}

    static String svg(Question question, QuestionTable table, List<String> jdks) throws IOException {
        DefaultCategoryDataset data = new DefaultCategoryDataset();
        List<Row> rows = table.order();
        String unit = "";
        boolean higher = true;
        for (Row row : rows) {
            for (String jdk : jdks) {
                Series one = table.find(row, jdk).orElse(null);
                data.addValue(one == null ? null : (Number) one.median(), "JDK " + jdk, new Label(row));
                unit = one == null ? unit : one.unit();
                higher = one == null ? higher : one.better().equals(Series.HIGHER);
            }
        }
        String values = unit + (higher ? ", more is better" : ", less is better");
        JFreeChart chart = ChartFactory.createBarChart(
                question.title(), "", values, data, PlotOrientation.HORIZONTAL, true, false, false);
        Svg.plain(chart);
        CategoryPlot plot = chart.getCategoryPlot();
        plot.setRangeGridlinePaint(Svg.GRID);
        axes(plot);
        plot.setRenderer(new Bars(rows, jdks.size()));
        return Svg.of(chart, 110 + rows.size() * (14 + ROW * jdks.size()));
    }

    private static void axes(CategoryPlot plot) {
        CategoryAxis names = plot.getDomainAxis();
        names.setTickLabelFont(Svg.FONT);
        names.setMaximumCategoryLabelWidthRatio(0.45f);
        names.setMaximumCategoryLabelLines(2);
        names.setCategoryMargin(0.25);
        NumberAxis values = (NumberAxis) plot.getRangeAxis();
        values.setTickLabelFont(Svg.FONT);
        values.setLabelFont(Svg.FONT);
        TickUnitSource ticks = NumberAxis.createStandardTickUnits(Locale.ROOT);
        values.setStandardTickUnits(ticks);
        values.setUpperMargin(0.12);
    }

    /**
     * Two rows may have the same name, and are two categories nevertheless.
     *
     * @param row the row of the table
     */
    private record Label(Row row) implements Comparable<Label> {
        @Override
        public int compareTo(Label other) {
            return toString().compareTo(other.toString());
        }

        @Override
        public String toString() {
            String provider = row.provider().isEmpty() ? "" : ", " + row.provider();
            return row.contestant() + provider + (row.threads() == 1 ? "" : ", " + row.threads() + " threads");
        }
    }

    /** Those of keywrap in its colour, a darker one for each newer JDK. */
    @SuppressWarnings("serial") // nobody serialises a chart
    private static final class Bars extends BarRenderer {
        private static final List<Color> OWN = List.of(new Color(0x7F, 0xB5, 0xDA), new Color(0x1F, 0x6F, 0xB2));
        private static final List<Color> OTHERS = List.of(new Color(0xC8, 0xC8, 0xC8), new Color(0x8C, 0x8C, 0x8C));

        private final transient List<Row> rows;

        Bars(List<Row> rows, int jdks) {
            this.rows = rows;
            setBarPainter(new StandardBarPainter());
            setShadowVisible(false);
            setDrawBarOutline(false);
            setItemMargin(0);
            setDefaultItemLabelGenerator(labels());
            setDefaultItemLabelFont(Svg.FONT.deriveFont(10f));
            setDefaultItemLabelsVisible(true);
            setDefaultPositiveItemLabelPosition(
                    new ItemLabelPosition(ItemLabelAnchor.OUTSIDE3, TextAnchor.CENTER_LEFT));
            for (int i = 0; i < jdks; i++) {
                setSeriesPaint(i, OTHERS.get(i % OTHERS.size()));
            }
        }

        private static CategoryItemLabelGenerator labels() {
            return new StandardCategoryItemLabelGenerator() {
                @Override
                public String generateLabel(CategoryDataset data, int row, int column) {
                    Number value = data.getValue(row, column);
                    return value == null ? "" : Markdown.number(value.doubleValue());
                }
            };
        }

        @Override
        public Paint getItemPaint(int row, int column) {
            List<Color> colors = rows.get(column).group().equals("keywrap") ? OWN : OTHERS;
            return colors.get(row % colors.size());
        }
    }
}
