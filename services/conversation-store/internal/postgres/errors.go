package postgres

import (
	"database/sql/driver"
	"errors"
	"io"
	"net"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"
)

// Unavailable tells that the database could not do anything just now, and that the same call may succeed later:
// it is down, starting, stopping, full, too slow, or gave way to somebody else.
func Unavailable(err error) bool {
	if failed, ok := errors.AsType[*pgconn.PgError](err); ok {
		return anyClass(failed.Code, "08", "40", "53", "55P03", "57014", "57P", "58", "25006")
	}
	if _, ok := errors.AsType[*pgconn.ConnectError](err); ok {
		return true
	}
	_, network := errors.AsType[net.Error](err)
	return network || pgconn.SafeToRetry(err) || errors.Is(err, net.ErrClosed) ||
		errors.Is(err, driver.ErrBadConn) || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF)
}

// Rejected tells that the database refused the data, and will refuse it again: a value out of range, a constraint, a
// limit of size.
func Rejected(err error) bool {
	failed, ok := errors.AsType[*pgconn.PgError](err)
	return ok && anyClass(failed.Code, "22", "23", "54")
}

func anyClass(code string, prefixes ...string) bool {
	for _, prefix := range prefixes {
		if strings.HasPrefix(code, prefix) {
			return true
		}
	}
	return false
}
