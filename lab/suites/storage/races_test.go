// SPDX-License-Identifier: GPL-2.0-or-later

package storage

import (
	"encoding/json"
	"errors"
	"slices"
	"sync"
	"testing"

	"github.com/google/uuid"

	"govdsm/api"
)

// both has the hosts do something at once.
func both(one, two manager, do func(m manager)) {
	var race sync.WaitGroup
	start := make(chan struct{})
	for _, m := range []manager{one, two} {
		race.Go(func() { <-start; do(m) })
	}
	close(start)
	race.Wait()
}

// races: for the SPM, a volume and an external lease. Whoever loses changes
// nothing and is told why.
func (c *centre) races(t *testing.T) {
	t.Run("SPM", c.raceForSPM)
	t.Run("volume", c.raceForVolume)
	t.Run("external lease", c.raceForLease)
}

func (c *centre) raceForSPM(t *testing.T) {
	one, two := c.one.manager(t), c.two.manager(t)
	const rounds = 2
	for won, tries := 0, 0; won < rounds; tries++ {
		if tries == 4*rounds { // they may get in each other's way, but not always
			t.Fatalf("after %d races %d were won", tries, won)
		}
		tasks, ends := sync.Map{}, sync.Map{}
		both(one, two, func(m manager) {
			task, err := m.try("StoragePool.spmStart", m.poolOf(c.pool, c.domain))
			if err != nil {
				t.Error(err)
				return
			}
			tasks.Store(m.id, task)
		})
		both(one, two, func(m manager) {
			if task, ok := tasks.Load(m.id); ok {
				ends.Store(m.id, m.finish(task.(json.RawMessage)))
			}
		})
		var winners []manager
		for _, m := range []manager{one, two} {
			end, _ := ends.Load(m.id)
			switch end := end.(ended); {
			case end.TaskResult == "success":
				winners = append(winners, m)
			case end.Code != api.ErrAcquireLockFailure.Number:
				t.Errorf("host %s lost, and is told %+v", m.host.Name, end)
			}
		}
		if len(winners) > 1 {
			t.Fatal("two managers of one pool")
		}
		for _, w := range winners {
			won++
			for _, m := range []manager{one, two} {
				if got := m.spm(c.pool); got.SpmID != w.id || got.SpmStatus == "SPM" != (m.id == w.id) {
					t.Errorf("round %d: host %d won, host %s says %+v", won, w.id, m.host.Name, got)
				}
			}
			w.call("StoragePool.spmStop", params{"storagepoolID": c.pool})
		}
	}
}

// jobEnd is what became of a job.
type jobEnd struct {
	Status string
	Error  struct {
		Code    int
		Message string
	}
}

// job starts a job and waits for its end.
func (m manager) job(verb string, p params) jobEnd {
	m.Helper()
	id := uuid.NewString()
	if _, err := m.try(verb, p.with("job_id", id)); err != nil {
		m.Error(err)
		return jobEnd{}
	}
	var jobs map[string]jobEnd
	m.until("the end of a job", func() bool {
		m.get(&jobs, "Host.getJobs", params{"job_ids": []string{id}})
		return slices.Contains([]string{"done", "failed", "aborted"}, jobs[id].Status)
	})
	return jobs[id]
}

// manage makes a host the SPM for a test.
func (c *centre) manage(m manager) {
	m.Helper()
	m.do("StoragePool.spmStart", m.poolOf(c.pool, c.domain))
	m.Cleanup(func() { m.call("StoragePool.spmStop", params{"storagepoolID": c.pool}) })
}

// raceForVolume has both hosts change one volume at once. Each change takes the
// lease of the volume, and is for one generation of it.
func (c *centre) raceForVolume(t *testing.T) {
	one, two := c.one.manager(t), c.two.manager(t)
	c.manage(one)
	image, volume := uuid.NewString(), uuid.NewString()
	one.do("Volume.create", volumeOf(c.pool, c.domain, image, volume))
	lost := map[int]int{}
	for generation, tries := 0, 0; generation < 3; tries++ {
		if tries == 16 {
			t.Fatalf("after %d races %d were won", tries, generation)
		}
		ends := sync.Map{}
		both(one, two, func(m manager) {
			ends.Store(m.host.Name, m.job("SDM.update_volume", params{
				"vol_info": params{"sd_id": c.domain, "img_id": image, "vol_id": volume, "generation": generation},
				"vol_attr": params{"description": m.host.Name},
			}))
		})
		winner := ""
		for _, m := range []manager{one, two} {
			e, _ := ends.Load(m.host.Name)
			end := e.(jobEnd)
			switch {
			case end.Status == "done" && winner != "":
				t.Fatal("two owners of one volume")
			case end.Status == "done":
				winner = m.host.Name
			case end.Error.Code != api.ErrAcquireLockFailure.Number && end.Error.Code != api.ErrGenerationMismatch.Number:
				t.Errorf("host %s lost, and is told %+v", m.host.Name, end)
			default:
				lost[end.Error.Code]++
			}
		}
		if winner == "" {
			continue
		}
		generation++
		for _, m := range []manager{one, two} {
			var info struct {
				Description string
				Generation  int
			}
			if m.get(&info, "Volume.getInfo", volumeOf(c.pool, c.domain, image, volume)); info.Description != winner || info.Generation != generation {
				t.Errorf("host %s won, host %s sees %+v, not generation %d", winner, m.host.Name, info, generation)
			}
		}
	}
	t.Logf("losers were told %v", lost)
	one.do("Image.delete", params{"storagepoolID": c.pool, "storagedomainID": c.domain, "imageID": image, "postZero": false, "force": false})
}

// raceForLease has both hosts fence one job at once: each takes its lease, and
// one finds the job as it was.
func (c *centre) raceForLease(t *testing.T) {
	one, two := c.one.manager(t), c.two.manager(t)
	c.manage(one)
	lost := map[int]int{}
	for won, tries := 0, 0; won < 3; tries++ {
		if tries == 16 {
			t.Fatalf("after %d races %d were won", tries, won)
		}
		lease := params{"sd_id": c.domain, "lease_id": uuid.NewString()}
		record := params{"type": "JOB", "job_id": uuid.NewString(), "job_status": "PENDING", "generation": 7}
		one.do("Lease.create", params{"lease": lease, "metadata": record})
		ends := sync.Map{}
		both(one, two, func(m manager) {
			_, err := m.try("Lease.fence", params{"lease": lease, "metadata": record})
			ends.Store(m.id, errors.Join(err))
		})
		winners := 0
		for _, m := range []manager{one, two} {
			end, _ := ends.Load(m.id)
			var said *api.Error
			switch err, _ := end.(error); {
			case err == nil:
				winners++
			case !errors.As(err, &said) || !slices.Contains([]int{
				api.ErrAcquireLockFailure.Number, api.ErrGenerationMismatch.Number, api.ErrJobStatusMismatch.Number,
			}, said.Number):
				t.Errorf("host %s lost, and is told %v", m.host.Name, err)
			default:
				lost[said.Number]++
			}
		}
		if winners > 1 {
			t.Fatal("two owners of one lease")
		}
		won += winners
		if winners == 1 {
			for _, m := range []manager{one, two} {
				var status struct {
					Owners   []int
					Metadata struct {
						Status     string `json:"job_status"`
						Generation int
					}
				}
				// Now and then sanlock names the winner still: the loser has written
				// the result of the ballot when the lease was given back already.
				m.get(&status, "Lease.status", params{"lease": lease})
				if len(status.Owners) == 0 && (status.Metadata.Status != "FENCED" || status.Metadata.Generation != 8) {
					t.Errorf("host %s sees %+v", m.host.Name, status)
				}
			}
			// It can be taken, and holds what the winner has written.
			two.call("Lease.fence", params{"lease": lease, "metadata": record.with("job_status", "FENCED").with("generation", 8)})
		}
		one.do("Lease.delete", params{"lease": lease})
	}
	t.Logf("losers were told %v", lost)
}
