// SPDX-License-Identifier: GPL-2.0-or-later

package ovsdb

import (
	"context"
	"encoding/json"
	"fmt"
	"time"
)

// Row is a row, or a part of one, by column. Values are as RFC 7047, section
// 5.1, writes them: see UUID, Set and Map.
type Row map[string]any

// Condition is one condition on a row, section 5.1: column, function, value.
type Condition [3]any

// Mutation changes a column, section 5.1: column, mutator, value.
type Mutation [3]any

// Operation is a part of a transaction, section 5.2.
type Operation struct {
	Op        string       `json:"op"`
	Table     string       `json:"table,omitzero"`
	Where     *[]Condition `json:"where,omitzero"`
	Columns   []string     `json:"columns,omitzero"`
	Row       Row          `json:"row,omitzero"`
	UUIDName  string       `json:"uuid-name,omitzero"`
	Mutations []Mutation   `json:"mutations,omitzero"`
	Timeout   *int64       `json:"timeout,omitzero"` // ms
	Until     string       `json:"until,omitzero"`
	Rows      *[]Row       `json:"rows,omitzero"`
}

func where(conditions []Condition) *[]Condition {
	all := append([]Condition{}, conditions...) // null is not allowed
	return &all
}

// Select asks for columns of the rows that meet all the conditions.
func Select(table string, columns []string, conditions ...Condition) Operation {
	return Operation{Op: "select", Table: table, Columns: columns, Where: where(conditions)}
}

// Insert makes a row. Other operations of the transaction refer to it by
// Named(name).
func Insert(table, name string, row Row) Operation {
	return Operation{Op: "insert", Table: table, UUIDName: name, Row: row}
}

// Update sets columns.
func Update(table string, row Row, conditions ...Condition) Operation {
	return Operation{Op: "update", Table: table, Row: row, Where: where(conditions)}
}

// Mutate changes columns with respect to what they hold.
func Mutate(table string, conditions []Condition, mutations ...Mutation) Operation {
	return Operation{Op: "mutate", Table: table, Where: where(conditions), Mutations: mutations}
}

// Wait holds the transaction back until some row meets the conditions, no
// longer than the limit: then it fails with the error "timed out". With a limit
// of 0 it fails at once.
func Wait(table, column string, limit time.Duration, conditions ...Condition) Operation {
	ms := limit.Milliseconds()
	return Operation{
		Op: "wait", Table: table, Where: where(conditions), Columns: []string{column},
		Until: "!=", Rows: &[]Row{}, Timeout: &ms,
	}
}

// UUID names a row that is there.
func UUID(uuid string) any { return [2]string{"uuid", uuid} }

// Named names a row that the same transaction inserts.
func Named(name string) any { return [2]string{"named-uuid", name} }

// Set is a set of values.
func Set(values ...any) any { return [2]any{"set", append([]any{}, values...)} }

// Map is a map of one pair.
func Map(key, value string) any { return [2]any{"map", [][2]string{{key, value}}} }

// Result is what came of an operation.
type Result struct {
	Count int                          `json:"count"` // of rows that were changed
	Rows  []map[string]json.RawMessage `json:"rows"`  // that were selected
}

// Error is the server's refusal of a transaction, all of which is undone.
type Error struct {
	Index   int    `json:"-"`     // of the operation; their number when it is the whole that is refused
	Name    string `json:"error"` // "constraint violation"
	Details string `json:"details"`
}

// Error returns the server's words.
func (e *Error) Error() string {
	if e.Details == "" {
		return e.Name
	}
	return e.Name + ": " + e.Details
}

// refusal reads the error of an answer, which is an object or a text.
func refusal(raw json.RawMessage) error {
	e := &Error{}
	if json.Unmarshal(raw, e) != nil || e.Name == "" {
		e.Name = string(raw[:min(len(raw), 200)])
	}
	return e
}

// Transact carries all the operations out, or none. The error is an *Error for
// the server's refusal.
func (c *Conn) Transact(ctx context.Context, database string, operations ...Operation) ([]Result, error) {
	params := []any{database}
	for _, o := range operations {
		params = append(params, o)
	}
	var raw []json.RawMessage
	if err := c.call(ctx, "transact", params, &raw); err != nil {
		return nil, err
	}
	results := make([]Result, len(operations))
	for i, r := range raw {
		if string(r) == "null" { // not tried, after an error or a wait
			continue
		}
		e := &Error{Index: i}
		if err := json.Unmarshal(r, e); err == nil && e.Name != "" {
			return nil, e
		}
		if i >= len(results) {
			return nil, c.breaks(fmt.Errorf("%w: %d results of %d operations", ErrProtocol, len(raw), len(operations)))
		}
		if err := json.Unmarshal(r, &results[i]); err != nil {
			return nil, c.breaks(fmt.Errorf("%w: %w", ErrProtocol, err))
		}
	}
	if len(raw) < len(operations) {
		return nil, c.breaks(fmt.Errorf("%w: %d results of %d operations", ErrProtocol, len(raw), len(operations)))
	}
	return results, nil
}
