// SPDX-License-Identifier: GPL-2.0-or-later

package storage

import (
	"context"

	"govdsm/api"
	"govdsm/internal/dispatch"
	"govdsm/internal/storage/task"
)

// bindTasks binds the verbs of tasks.
func (s *Storage) bindTasks(t *dispatch.Table) {
	dispatch.Bind(t, api.HostGetAllTasksStatuses, s.taskStatuses)
	dispatch.Bind(t, api.HostGetAllTasksInfo, s.taskInfos)
	dispatch.Bind(t, api.HostGetAllTasks, s.allTasks)
	dispatch.Bind(t, api.TaskGetStatus, s.taskStatus)
	dispatch.Bind(t, api.TaskGetInfo, s.taskInfo)
	dispatch.Bind(t, api.TaskClear, s.clearTask)
	dispatch.Bind(t, api.TaskStop, s.stopTask)
	dispatch.Bind(t, api.TaskRevert, s.revertTask)
}

// ofPool returns the tasks of the pool, which its manager alone knows.
func (s *Storage) ofPool() ([]*task.Task, error) {
	c := s.pools.Connected()
	if c == nil || c.Manages() != nil {
		return nil, api.ErrSpmStatus
	}
	return s.tasks.Tasks(task.SPM), nil
}

func (s *Storage) taskStatuses(context.Context, *api.NoParams) (api.TasksStatus, error) {
	tasks, err := s.ofPool()
	if err != nil {
		return nil, err
	}
	statuses := make(api.TasksStatus, len(tasks))
	for _, t := range tasks {
		statuses[api.UUID(t.ID())] = t.Status()
	}
	return statuses, nil
}

func (s *Storage) taskInfos(context.Context, *api.NoParams) (api.TasksInfo, error) {
	tasks, err := s.ofPool()
	if err != nil {
		return nil, err
	}
	infos := make(api.TasksInfo, len(tasks))
	for _, t := range tasks {
		infos[api.UUID(t.ID())] = t.Info()
	}
	return infos, nil
}

func (s *Storage) allTasks(context.Context, *api.NoParams) (api.TasksDetails, error) {
	details := make(api.TasksDetails)
	for _, t := range s.tasks.Tasks("") {
		details[api.UUID(t.ID())] = t.Details()
	}
	return details, nil
}

func (s *Storage) taskStatus(_ context.Context, p *api.TaskGetStatusParams) (api.TaskStatus, error) {
	t, err := s.tasks.Task(string(p.TaskID))
	if err != nil {
		return api.TaskStatus{}, err
	}
	return t.Status(), nil
}

func (s *Storage) taskInfo(_ context.Context, p *api.TaskGetInfoParams) (api.TaskInfo, error) {
	t, err := s.tasks.Task(string(p.TaskID))
	if err != nil {
		return api.TaskInfo{}, err
	}
	return t.Info(), nil
}

func (s *Storage) clearTask(ctx context.Context, p *api.TaskClearParams) (api.Nothing, error) {
	return api.Nothing{}, s.tasks.Clear(ctx, string(p.TaskID))
}

func (s *Storage) stopTask(_ context.Context, p *api.TaskStopParams) (api.Nothing, error) {
	t, err := s.tasks.Task(string(p.TaskID))
	if err == nil {
		t.Stop()
	}
	return api.Nothing{}, err
}

func (s *Storage) revertTask(ctx context.Context, p *api.TaskRevertParams) (api.Nothing, error) {
	t, err := s.tasks.Task(string(p.TaskID))
	if err == nil {
		err = t.Revert(ctx)
	}
	return api.Nothing{}, err
}
