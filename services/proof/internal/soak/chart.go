package soak

import (
	"fmt"
	"io"
	"maps"
	"slices"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/plotutil"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgsvg"
)

const (
	chartWidth  = 30 * vg.Centimeter
	chartHeight = 20 * vg.Centimeter
	margin      = 4 * vg.Millimeter
	mebibyte    = 1 << 20
	minute      = 60
)

// WriteChart draws the samples as an SVG: memory, goroutines and file handles of each process and the sizes of the
// streams, over minutes.
func WriteChart(to io.Writer, samples []Sample) error {
	panels := [][]*plot.Plot{{nil, nil}, {nil, nil}}
	for i, measure := range Measures() {
		title, scale := string(measure), 1.0
		if measure == Memory {
			title, scale = "memory, MiB", mebibyte
		}
		panel, err := draws(title, scale, namesOf(samples, func(s Sample) []string {
			return slices.Collect(maps.Keys(s.Processes))
		}), func(name string) []Point { return Process(samples, name, measure) })
		if err != nil {
			return err
		}
		panels[i/2][i%2] = panel
	}
	streams, err := draws("streams and buckets, MiB", mebibyte, namesOf(samples, func(s Sample) []string {
		return slices.Collect(maps.Keys(s.Streams))
	}), func(name string) []Point { return Stream(samples, name) })
	if err != nil {
		return err
	}
	panels[1][1] = streams
	canvas := vgsvg.New(chartWidth, chartHeight)
	tiles := draw.Tiles{
		Rows: len(panels), Cols: len(panels[0]), PadTop: margin, PadBottom: margin, PadLeft: margin, PadRight: margin,
		PadX: margin, PadY: margin,
	}
	for y, row := range plot.Align(panels, tiles, draw.New(canvas)) {
		for x, tile := range row {
			panels[y][x].Draw(tile)
		}
	}
	if _, err := canvas.WriteTo(to); err != nil {
		return fmt.Errorf("writing the chart: %w", err)
	}
	return nil
}

// namesOf lists every name there is in any sample.
func namesOf(samples []Sample, of func(Sample) []string) []string {
	names := map[string]bool{}
	for _, s := range samples {
		for _, name := range of(s) {
			names[name] = true
		}
	}
	return slices.Sorted(maps.Keys(names))
}

// draws makes a panel with a line for each name.
func draws(title string, scale float64, names []string, series func(name string) []Point) (*plot.Plot, error) {
	panel := plot.New()
	panel.Title.Text, panel.X.Label.Text, panel.Y.Min = title, "minutes", 0
	panel.Legend.Top, panel.Legend.Left = true, true
	panel.Add(plotter.NewGrid())
	highest := 0.0
	for i, name := range names {
		points := series(name)
		if len(points) == 0 {
			continue
		}
		places := make(plotter.XYs, len(points))
		for at, p := range points {
			places[at] = plotter.XY{X: p.Seconds / minute, Y: p.Value / scale}
			highest = max(highest, p.Value/scale)
		}
		drawn, err := plotter.NewLine(places)
		if err != nil {
			return nil, fmt.Errorf("drawing %s of %s: %w", title, name, err)
		}
		drawn.Color, drawn.Dashes = plotutil.Color(i), plotutil.Dashes(i/len(plotutil.DefaultColors))
		panel.Add(drawn)
		panel.Legend.Add(name, drawn)
	}
	const roomForLegend = 1.4
	panel.Y.Min, panel.Y.Max = 0, max(1, highest*roomForLegend)
	return panel, nil
}
