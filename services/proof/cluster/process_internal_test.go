package cluster

import (
	"os/exec"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

func TestKill_of_a_process_that_lingers_is_an_error_and_no_wait_for_ever(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		command := exec.CommandContext(t.Context(), "sleep", "60")
		require.NoError(t, command.Start())
		lingering := &Process{Name: "acme", Copy: 1, run: &run{command: command, exited: make(chan struct{})}}
		began := time.Now()

		require.ErrorIs(t, lingering.Kill(), errLingers)

		require.Equal(t, endTimeout, time.Since(began))
		require.Error(t, command.Wait(), "it was killed")
		close(lingering.run.exited)
		require.NoError(t, lingering.Kill())
	})
}
