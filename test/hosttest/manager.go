// SPDX-License-Identifier: GPL-2.0-or-later

package hosttest

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"govdsm/client"
)

// Manager calls a host's verbs of storage as managers do. What fails ends the
// test.
type Manager struct {
	TB   testing.TB
	Host *client.Host
}

// Call calls a verb and returns its result.
func (m Manager) Call(verb string, params map[string]any) json.RawMessage {
	m.TB.Helper()
	raw, err := m.Host.Request(m.TB.Context(), verb, params)
	if err != nil {
		m.TB.Fatalf("%s: %v", verb, err)
	}
	return raw
}

// Finish waits until a task has ended well, and clears it.
func (m Manager) Finish(id json.RawMessage) {
	m.TB.Helper()
	task := map[string]any{"taskID": strings.Trim(string(id), `"`)}
	for deadline := time.Now().Add(Patience); ; time.Sleep(time.Millisecond) {
		var status struct{ TaskState, TaskResult, Message string }
		if err := json.Unmarshal(m.Call("Task.getStatus", task), &status); err != nil {
			m.TB.Fatal(err)
		}
		switch {
		case status.TaskResult == "success":
			m.Call("Task.clear", task)
			return
		case status.TaskState == "finished" || time.Now().After(deadline):
			m.TB.Fatalf("a task: %+v", status)
		}
	}
}

// StartPool makes a pool of domains, the first of which is the master, connects
// the host to it and makes it the pool's manager.
func (m Manager) StartPool(pool string, domains ...string) {
	m.TB.Helper()
	members := make(map[string]string)
	for _, id := range domains {
		members[id] = "active"
	}
	params := map[string]any{
		"storagepoolID": pool, "masterSdUUID": domains[0], "masterVersion": 1, "name": "pool", "domainList": domains,
		"lockRenewalIntervalSec": 5, "leaseTimeSec": 60, "ioOpTimeoutSec": 10, "leaseRetries": 3,
		"hostID": 1, "scsiKey": pool, "domainDict": members,
		"prevID": -1, "prevLver": "-1", "enableScsiFencing": "false", "maxHostID": 250, "domVersion": "5",
	}
	m.Call("StoragePool.create", params)
	m.Call("StoragePool.connect", params)
	m.Finish(m.Call("StoragePool.spmStart", params))
}
