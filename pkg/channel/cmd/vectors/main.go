// Command vectors runs every vector of a folder through the real adapters and verifiers: it has each provider's own
// test play them, and tells of each what came of it.
//
//	vectors FOLDER
//
// The folder holds index.json, api_responses.json and status_sequences.json; see package channeltest. It prints a line
// "id pass" or "id fail reason" for each vector, then the two numbers, and exits with 1 when any failed. A vector of a
// provider that nobody has an adapter for has failed.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
)

const (
	exitFailed = 1
	exitUsage  = 2
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	context.AfterFunc(ctx, stop)
	if len(os.Args) != 2 {
		_, _ = fmt.Fprintln(os.Stderr, "usage: vectors FOLDER")
		os.Exit(exitUsage)
	}
	failed, err := run(ctx, os.Args[1], os.Stdout, os.Stderr)
	if err != nil {
		_, _ = fmt.Fprintln(os.Stderr, "vectors:", err)
		os.Exit(exitUsage)
	}
	if failed > 0 {
		os.Exit(exitFailed)
	}
}
