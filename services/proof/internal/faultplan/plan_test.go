package faultplan_test

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/galaxyco-ai/conversations/services/proof/internal/faultplan"
)

func config(seed uint64) faultplan.Config {
	return faultplan.Config{
		Seed: seed, Duration: 10 * time.Minute, Kinds: faultplan.Kinds(),
		Processes: []string{"store-1", "store-2", "sender-1"}, Points: []string{"a", "b", "c"},
	}
}

func TestNew_a_seed_gives_the_same_plan_and_another_seed_another(t *testing.T) {
	t.Parallel()
	first, again := faultplan.New(config(7)), faultplan.New(config(7))
	require.Equal(t, first, again)
	require.NotEqual(t, faultplan.New(config(7)), faultplan.New(config(8)))
}

func TestNew_a_long_plan_has_every_kind_target_and_point(t *testing.T) {
	t.Parallel()
	cfg := config(1)
	kinds, targets := map[faultplan.Kind]int{}, map[string]int{}
	for _, fault := range faultplan.New(cfg) {
		kinds[fault.Kind]++
		targets[fault.Target]++
	}
	for _, kind := range faultplan.Kinds() {
		require.Positive(t, kinds[kind], kind)
	}
	for _, target := range slices.Concat(cfg.Processes, cfg.Points) {
		require.Positive(t, targets[target], target)
	}
}

func TestNew_is_in_order_and_over_in_time(t *testing.T) {
	t.Parallel()
	for seed := range uint64(20) {
		cfg := config(seed)
		cfg.Duration = 30 * time.Second
		last := time.Duration(0)
		for _, fault := range faultplan.New(cfg) {
			require.GreaterOrEqual(t, fault.At, last)
			require.LessOrEqual(t, fault.At+fault.For, cfg.Duration)
			last = fault.At
		}
	}
}

func TestNew_what_a_plan_may_have_does_not_move_the_rest(t *testing.T) {
	t.Parallel()
	of := func(kinds ...faultplan.Kind) []faultplan.Fault {
		cfg := config(3)
		cfg.Kinds = kinds
		return faultplan.New(cfg)
	}
	require.Empty(t, of())
	alone := of(faultplan.Point)
	require.NotEmpty(t, alone)
	both := slices.DeleteFunc(of(faultplan.Point, faultplan.NATSKill), func(f faultplan.Fault) bool {
		return f.Kind != faultplan.Point
	})
	require.Equal(t, alone, both)
}

func TestParseKinds(t *testing.T) {
	t.Parallel()
	all, err := faultplan.ParseKinds("on")
	require.NoError(t, err)
	require.Equal(t, faultplan.Kinds(), all)
	none, err := faultplan.ParseKinds("off")
	require.NoError(t, err)
	require.Empty(t, none)
	two, err := faultplan.ParseKinds("kill, nats-cut")
	require.NoError(t, err)
	require.Equal(t, []faultplan.Kind{faultplan.Kill, faultplan.NATSCut}, two)
	_, err = faultplan.ParseKinds("earthquake")
	require.ErrorContains(t, err, "earthquake")
}
