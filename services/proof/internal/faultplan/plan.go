package faultplan

import (
	"cmp"
	"math/rand/v2"
	"slices"
	"time"
)

// Config says what a plan is made of.
type Config struct {
	Seed     uint64
	Duration time.Duration
	// Kinds are the faults that may come; none makes an empty plan.
	Kinds []Kind
	// Processes are the names of the copies of the services.
	Processes []string
	// Points are the instants in the code at which processes are killed or paused.
	Points []string
}

// track is a part of the system at which one thing happens at a time.
type track struct {
	kinds []Kind
	// pause is how long it is left alone between two faults, lasts how long a fault holds.
	pause, lasts span
}

// span is a range of durations.
type span struct{ from, to time.Duration }

func (s span) draw(random *rand.Rand) time.Duration {
	return (s.from + time.Duration(random.Int64N(int64(s.to-s.from)+1))).Round(time.Millisecond)
}

// oneInPauses: of so many points at which something happens one pauses and the others kill.
const oneInPauses = 4

// tracks lists the parts of the system. Their order is part of what a seed means.
func tracks() []track {
	ms := time.Millisecond
	services := track{
		kinds: []Kind{Kill, Kill, Pause, Restart}, pause: span{800 * ms, 4000 * ms}, lasts: span{500 * ms, 8000 * ms},
	}
	return []track{
		services, services, // two copies may be away together
		{kinds: []Kind{NATSKill, NATSCut, NATSCut}, pause: span{4000 * ms, 14_000 * ms}, lasts: span{200 * ms, 4000 * ms}},
		{
			kinds: []Kind{PostgresStop, PostgresKill, PostgresSlow, PostgresCut},
			pause: span{3000 * ms, 10_000 * ms}, lasts: span{300 * ms, 5000 * ms},
		},
		{
			kinds: []Kind{
				ProviderSlow, ProviderFails, ProviderThrottle, ProviderDrops, CallbacksLost, CallbacksDoubled, CallbacksShuffled,
			},
			pause: span{500 * ms, 3000 * ms}, lasts: span{1000 * ms, 6000 * ms},
		},
		{kinds: []Kind{Point}, pause: span{200 * ms, 1500 * ms}, lasts: span{1500 * ms, 4000 * ms}},
		{kinds: []Kind{AckLost, BlobFull}, pause: span{3000 * ms, 9000 * ms}, lasts: span{500 * ms, 4000 * ms}},
	}
}

// New makes the plan, in the order of the instants.
func New(cfg Config) []Fault {
	var plan []Fault
	for i, t := range tracks() {
		//nolint:gosec // a plan is no secret, and must be the same again
		random := rand.New(rand.NewPCG(cfg.Seed, uint64(i)))
		plan = append(plan, t.plan(cfg, random)...)
	}
	slices.SortStableFunc(plan, func(a, b Fault) int { return cmp.Compare(a.At, b.At) })
	return plan
}

func (t track) plan(cfg Config, random *rand.Rand) []Fault {
	kinds := slices.DeleteFunc(slices.Clone(t.kinds), func(kind Kind) bool { return !slices.Contains(cfg.Kinds, kind) })
	if len(kinds) == 0 {
		return nil
	}
	var plan []Fault
	points := rotation{of: cfg.Points}
	for at := t.pause.draw(random); at < cfg.Duration; at += t.pause.draw(random) {
		fault := Fault{At: at, Kind: kinds[random.IntN(len(kinds))], For: t.lasts.draw(random)}
		fault.For = min(fault.For, cfg.Duration-at)
		if !fault.aim(cfg, &points, random) {
			continue
		}
		plan = append(plan, fault)
		at += fault.For
	}
	return plan
}

// aim chooses the target; it is false when there is none.
func (f *Fault) aim(cfg Config, points *rotation, random *rand.Rand) bool {
	if slices.Contains([]Kind{NATSCut, PostgresCut}, f.Kind) {
		f.For = 0
	}
	if slices.Contains([]Kind{Kill, Pause, Restart}, f.Kind) {
		if len(cfg.Processes) == 0 {
			return false
		}
		f.Target = cfg.Processes[random.IntN(len(cfg.Processes))]
	}
	if f.Kind == Point {
		if len(cfg.Points) == 0 {
			return false
		}
		f.Target, f.Action = points.next(random), "kill"
		if random.IntN(oneInPauses) == 0 {
			f.Action = "pause " + span{time.Second, 8 * time.Second}.draw(random).String()
		}
	}
	return true
}

// rotation gives each of some names once, in an order of chance, before one comes again.
type rotation struct{ of, left []string }

func (r *rotation) next(random *rand.Rand) string {
	if len(r.left) == 0 {
		r.left = slices.Clone(r.of)
		random.Shuffle(len(r.left), func(i, j int) { r.left[i], r.left[j] = r.left[j], r.left[i] })
	}
	name := r.left[0]
	r.left = r.left[1:]
	return name
}
