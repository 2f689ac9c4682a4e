package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/nats-io/nats-server/v2/server"

	"github.com/galaxyco-ai/conversations/pkg/bus"
	"github.com/galaxyco-ai/conversations/pkg/event"
)

const natsTimeout = 20 * time.Second

// checkNATS runs a server with the deployed configuration, in a folder and on a port of its own, and sets up the bus
// on it: whatever the bus would refuse at start, it refuses here.
func checkNATS(ctx context.Context, root string) error {
	options, err := server.ProcessConfigFile(filepath.Join(root, "deploy", "nats.conf"))
	if err != nil {
		return fmt.Errorf("reading deploy/nats.conf: %w", err)
	}
	if !options.SyncAlways {
		return errors.New("deploy/nats.conf: a single server must have sync_interval: always")
	}
	if need := capacity(); options.JetStreamMaxStore < need {
		return fmt.Errorf("deploy/nats.conf: max_file_store is %d, the streams and buckets may take %d", options.JetStreamMaxStore, need)
	}
	if options.Port != server.DEFAULT_PORT {
		return fmt.Errorf("deploy/nats.conf: listens on port %d", options.Port)
	}
	folder, err := os.MkdirTemp("", "conversations-nats-")
	if err != nil {
		return fmt.Errorf("making a folder for the server: %w", err)
	}
	defer func() { _ = os.RemoveAll(folder) }()
	options.StoreDir, options.Host, options.Port, options.HTTPPort, options.NoSigs = folder, "127.0.0.1", server.RANDOM_PORT, 0, true
	running, err := server.NewServer(options)
	if err != nil {
		return fmt.Errorf("starting a server with deploy/nats.conf: %w", err)
	}
	running.Start()
	defer running.WaitForShutdown()
	defer running.Shutdown()
	if !running.ReadyForConnections(natsTimeout) {
		return errors.New("deploy/nats.conf: the server does not start")
	}
	connected, err := bus.Connect(ctx, bus.Config{InProcess: running, Name: "check"})
	if err != nil {
		return fmt.Errorf("deploy/nats.conf: %w", err)
	}
	defer connected.Close()
	if err := connected.Ensure(ctx, event.Streams(), event.Buckets()); err != nil {
		return fmt.Errorf("deploy/nats.conf: %w", err)
	}
	return nil
}

// capacity is what all streams and buckets may take together.
func capacity() int64 {
	sum := int64(0)
	for _, stream := range event.Streams() {
		sum += stream.MaxBytes
	}
	for _, bucket := range event.Buckets() {
		sum += bucket.MaxBytes
	}
	return sum
}
