// SPDX-License-Identifier: GPL-2.0-or-later

package api

var HostGetAllTasksInfo = declare[NoParams, TasksInfo]("Host.getAllTasksInfo", "3.1")

var HostGetAllTasksStatuses = declare[NoParams, TasksStatus]("Host.getAllTasksStatuses", "3.1")

var HostGetAllTasks = declare[NoParams, TasksDetails]("Host.getAllTasks", "3.1")

var HostGetJobs = declare[HostGetJobsParams, HostJobInfoMap]("Host.getJobs", "4.0")

type HostGetJobsParams struct {
	JobType *HostJobType `json:"job_type,omitzero" default:"null"`
	JobIDs  []UUID       `json:"job_ids" default:"[]"`
}

type TasksInfo map[UUID]TaskInfo

type TaskInfo struct {
	ID   UUID   `json:"id"`
	Verb string `json:"verb"`
}

type TasksStatus map[UUID]TaskStatus

type TaskStatus struct {
	TaskResult TaskResult `json:"taskResult"`
	Code       int64      `json:"code"`
	TaskID     UUID       `json:"taskID"`
	TaskState  TaskState  `json:"taskState"`
	Message    string     `json:"message"`
}

type TaskResult string

const (
	TaskResultEmpty        TaskResult = ""
	TaskResultCleanFailure TaskResult = "cleanFailure"
	TaskResultCleanSuccess TaskResult = "cleanSuccess"
	TaskResultSuccess      TaskResult = "success"
)

// Values implements Enum.
func (TaskResult) Values() []string {
	return enum(TaskResultEmpty, TaskResultCleanFailure, TaskResultCleanSuccess, TaskResultSuccess)
}

type TaskState string

const (
	TaskStateAborting TaskState = "aborting"
	TaskStateCleaning TaskState = "cleaning"
	TaskStateFinished TaskState = "finished"
	TaskStateInit     TaskState = "init"
	TaskStateRunning  TaskState = "running"
	TaskStateUnknown  TaskState = "unknown"
)

// Values implements Enum.
func (TaskState) Values() []string {
	return enum(TaskStateAborting, TaskStateCleaning, TaskStateFinished, TaskStateInit, TaskStateRunning, TaskStateUnknown)
}

type TasksDetails map[UUID]TaskDetails

type TaskDetails struct {
	TaskResult TaskResult `json:"taskResult"`
	Message    string     `json:"message"`
	ID         UUID       `json:"id"`
	Code       int64      `json:"code"`
	Tag        string     `json:"tag"`
	State      TaskState  `json:"state"`
	Verb       string     `json:"verb"`
}

type HostJobType string

const (
	HostJobTypeStorage HostJobType = "storage"
	HostJobTypeV2v     HostJobType = "v2v"
	HostJobTypeVirt    HostJobType = "virt"
)

// Values implements Enum.
func (HostJobType) Values() []string {
	return enum(HostJobTypeStorage, HostJobTypeV2v, HostJobTypeVirt)
}

type HostJobInfoMap map[UUID]HostJobInfo

type HostJobInfo struct {
	Error       *ErrorInfo    `json:"error,omitzero" default:"null"`
	Progress    *uint64       `json:"progress,omitzero" default:"null"`
	ID          UUID          `json:"id"`
	Status      HostJobStatus `json:"status"`
	Description string        `json:"description"`
	JobType     HostJobType   `json:"job_type"`
}

type ErrorInfo struct {
	Code    int64  `json:"code"`
	Message string `json:"message"`
}

type HostJobStatus string

const (
	HostJobStatusAborted  HostJobStatus = "aborted"
	HostJobStatusAborting HostJobStatus = "aborting"
	HostJobStatusDone     HostJobStatus = "done"
	HostJobStatusFailed   HostJobStatus = "failed"
	HostJobStatusPending  HostJobStatus = "pending"
	HostJobStatusRunning  HostJobStatus = "running"
)

// Values implements Enum.
func (HostJobStatus) Values() []string {
	return enum(HostJobStatusAborted, HostJobStatusAborting, HostJobStatusDone, HostJobStatusFailed, HostJobStatusPending, HostJobStatusRunning)
}
