package pgserver_test

import (
	"bufio"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/galaxyco-ai/conversations/pkg/pgserver"
	"github.com/galaxyco-ai/conversations/pkg/pgserver/pgservertest"
)

// variableDirectory makes the test binary a process that serves from a directory until it is killed.
const variableDirectory = "CONVERSATIONS_TEST_PGSERVER_DIRECTORY"

func TestMain(m *testing.M) {
	directory := os.Getenv(variableDirectory)
	if directory == "" {
		os.Exit(m.Run())
	}
	server, err := pgserver.Start(context.Background(), pgserver.Config{Directory: directory})
	if err != nil {
		_, _ = os.Stdout.WriteString("error " + err.Error() + "\n")
		os.Exit(1)
	}
	_, _ = os.Stdout.WriteString(server.URL("postgres") + "\n")
	select {}
}

func run(t *testing.T, url, statement string) {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	require.NoError(t, err)
	defer func() { require.NoError(t, conn.Close(context.WithoutCancel(t.Context()))) }()
	_, err = conn.Exec(t.Context(), statement)
	require.NoError(t, err)
}

func TestServer_comes_back_with_its_data(t *testing.T) {
	t.Parallel()
	server := pgservertest.Server(t)
	url := server.URL("postgres")
	run(t, url, "CREATE TABLE kept (n int)")

	require.NoError(t, server.Kill())
	_, err := pgx.Connect(t.Context(), url)
	require.Error(t, err, "a killed server takes no connection")
	require.NoError(t, server.Restart(t.Context()))
	run(t, url, "INSERT INTO kept VALUES (1)")

	require.NoError(t, server.Pause(t.Context()))
	<-server.Done()
	require.NoError(t, server.Restart(t.Context()))
	require.NoError(t, server.Restart(t.Context()), "a second restart does nothing")
	run(t, url, "INSERT INTO kept VALUES (2)")
	require.Equal(t, url, server.URL("postgres"), "the address stays")
}

func TestServer_folds_the_case_of_every_alphabet_and_orders_by_bytes(t *testing.T) {
	t.Parallel()
	conn, err := pgx.Connect(t.Context(), pgservertest.Database(t))
	require.NoError(t, err)
	var lower string
	var ordered bool
	require.NoError(t, conn.QueryRow(t.Context(), "SELECT lower('ÉÀ'), 'B' < 'a'").Scan(&lower, &ordered))
	require.Equal(t, "éà", lower)
	require.True(t, ordered)
	require.NoError(t, conn.Close(t.Context()))
}

func TestStart_needs_the_password(t *testing.T) {
	t.Parallel()
	server := pgservertest.Server(t)
	config, err := pgx.ParseConfig(server.URL("postgres"))
	require.NoError(t, err)
	config.Password = "wrong"
	_, err = pgx.ConnectConfig(t.Context(), config)
	require.ErrorContains(t, err, "password authentication failed")
}

func TestStart_refuses_a_directory_another_owner_uses(t *testing.T) {
	t.Parallel()
	directory := t.TempDir()
	server, err := pgserver.Start(t.Context(), pgserver.Config{Directory: directory})
	require.NoError(t, err)
	_, err = pgserver.Start(t.Context(), pgserver.Config{Directory: directory})
	require.ErrorIs(t, err, pgserver.ErrInUse)
	require.NoError(t, server.Stop(t.Context()))
	require.NoError(t, server.Stop(t.Context()), "a second stop does nothing")

	password, err := os.Stat(filepath.Join(directory, "password"))
	require.NoError(t, err)
	require.Equal(t, os.FileMode(0o600), password.Mode().Perm())
}

func TestStart_removes_a_stale_pid_file(t *testing.T) {
	t.Parallel()
	directory := t.TempDir()
	server, err := pgserver.Start(t.Context(), pgserver.Config{Directory: directory})
	require.NoError(t, err)
	require.NoError(t, server.Stop(t.Context()))
	stranger := strconv.Itoa(os.Getpid()) // alive, but no server of this directory
	require.NoError(t, os.WriteFile(filepath.Join(directory, "data", "postmaster.pid"), []byte(stranger+"\n"), 0o600))

	started := time.Now()
	server, err = pgserver.Start(t.Context(), pgserver.Config{Directory: directory})
	require.NoError(t, err)
	t.Logf("started with existing data in %s", time.Since(started))
	require.NoError(t, server.Stop(t.Context()))
}

func TestServer_dies_with_the_process_that_started_it(t *testing.T) {
	t.Parallel()
	directory := t.TempDir()
	for range 2 { // the second round starts from what the first left behind
		command := exec.CommandContext(t.Context(), os.Args[0])
		command.Env = append(os.Environ(), variableDirectory+"="+directory)
		stdout, err := command.StdoutPipe()
		require.NoError(t, err)
		require.NoError(t, command.Start())
		line, err := bufio.NewReader(stdout).ReadString('\n')
		require.NoError(t, err)
		url := strings.TrimSpace(line)
		run(t, url, "CREATE TABLE IF NOT EXISTS kept (n int)")

		require.NoError(t, command.Process.Signal(syscall.SIGKILL))
		require.Error(t, command.Wait())
		require.Eventually(t, func() bool {
			conn, err := pgx.Connect(t.Context(), url)
			if err == nil {
				_ = conn.Close(t.Context())
			}
			return err != nil
		}, 10*time.Second, 10*time.Millisecond, "no orphan takes connections")
	}
	server, err := pgserver.Start(t.Context(), pgserver.Config{Directory: directory})
	require.NoError(t, err)
	run(t, server.URL("postgres"), "INSERT INTO kept VALUES (1)")
	require.NoError(t, server.Stop(t.Context()))
}

func TestDatabase_is_fresh_for_each_caller(t *testing.T) {
	t.Parallel()
	first, second := pgservertest.Database(t), pgservertest.Database(t)
	require.NotEqual(t, first, second)
	run(t, first, "CREATE TABLE mine (n int)")
	run(t, second, "CREATE TABLE mine (n int)")
}

func BenchmarkStart_existing_data(b *testing.B) {
	directory := b.TempDir()
	for b.Loop() {
		server, err := pgserver.Start(b.Context(), pgserver.Config{Directory: directory})
		require.NoError(b, err)
		require.NoError(b, server.Stop(b.Context()))
	}
}
