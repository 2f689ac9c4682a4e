// Package web holds the built page. Without a build it holds nothing and everything still compiles.
package web

import (
	"embed"
	"io/fs"
)

//go:embed all:dist
var dist embed.FS

// Dist is the folder of the built page; it has no index.html when the page was not built.
func Dist() (fs.FS, error) { return fs.Sub(dist, "dist") }
