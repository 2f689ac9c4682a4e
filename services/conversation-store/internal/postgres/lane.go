package postgres

import (
	"context"
	"fmt"
	"hash/fnv"
	"slices"

	"github.com/jackc/pgx/v5/pgtype"

	"github.com/galaxyco-ai/conversations/pkg/workspace"
)

// Lanes is how many writers of facts there can be at once, in all processes together.
const Lanes = 8

// lockClass keeps our advisory locks apart from others' in the same database.
const (
	lockClass = 0x636f6e76 // "conv"
	relayLock = Lanes      // beside the lanes 0 to Lanes-1
)

// Lane is the lane of a workspace: the same as the bus gives it, so that a batch of the bus keeps to one lane.
func Lane(ws workspace.ID) int32 {
	hash := fnv.New32a()
	_, _ = hash.Write([]byte(ws.String())) // a hash does not fail
	return int32(hash.Sum32() % Lanes)
}

func lanesOf(workspaces []workspace.ID) []int32 {
	lanes := make([]int32, 0, len(workspaces))
	for _, ws := range workspaces {
		lanes = append(lanes, Lane(ws))
	}
	slices.Sort(lanes)
	return slices.Compact(lanes)
}

// enter waits until this process has no other transaction in the lanes, so that a waiting one holds no connection.
func (db *DB) enter(ctx context.Context, lanes []int32) (leave func(), err error) {
	entered := 0
	leave = func() {
		for _, lane := range lanes[:entered] {
			<-db.gates[lane]
		}
	}
	for _, lane := range lanes {
		select {
		case db.gates[lane] <- struct{}{}:
			entered++
		case <-ctx.Done():
			leave()
			return nil, fmt.Errorf("waiting for lane %d: %w", lane, ctx.Err())
		}
	}
	return leave, nil
}

// takeLanes takes the lanes, which are in ascending order, so that two transactions never wait for one another.
func takeLanes(lanes []int32) statement {
	return statement{
		"select pg_advisory_xact_lock($1, lane) from unnest($2::integer[]) as lane",
		[]any{int32(lockClass), pgtype.FlatArray[int32](lanes)},
	}
}
