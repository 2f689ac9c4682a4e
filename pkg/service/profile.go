package service

import (
	"net/http"
	"net/http/pprof" // it registers on the default mux, which no service serves
)

// ProfilePath is below which profiles are served, where they are.
const ProfilePath = "/debug/pprof/"

// Ops is Ops for the service, with its profiles where they are wanted.
func (b *Base) Ops(health *Health) http.Handler {
	ops := Ops(health, b.Metrics)
	if !b.Profiling {
		return ops
	}
	mux := http.NewServeMux()
	mux.Handle("/", ops)
	mux.HandleFunc("GET "+ProfilePath, pprof.Index)
	mux.HandleFunc("GET "+ProfilePath+"profile", pprof.Profile)
	return mux
}
