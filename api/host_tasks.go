// SPDX-License-Identifier: GPL-2.0-or-later

package api

// HostGetAllTasksInfo lists the storage tasks of the pool's manager (SPM)
// with the verb that began each.
var HostGetAllTasksInfo = declare[NoParams, TasksInfo]("Host.getAllTasksInfo", "3.1")

// HostGetAllTasksStatuses tells how far the storage tasks are.
var HostGetAllTasksStatuses = declare[NoParams, TasksStatus]("Host.getAllTasksStatuses", "3.1")

// HostGetAllTasks lists the storage tasks with all that is known of them.
var HostGetAllTasks = declare[NoParams, TasksDetails]("Host.getAllTasks", "3.1")

// HostGetJobs lists the jobs of this host. Both parameters limit the list.
var HostGetJobs = declare[HostGetJobsParams, HostJobInfoMap]("Host.getJobs", "4.0")

// HostGetJobsParams are the parameters of Host.getJobs.
type HostGetJobsParams struct {
	JobType *HostJobType `json:"job_type,omitzero" default:"null"`
	JobIDs  []UUID       `json:"job_ids" default:"[]"`
}

// TasksInfo maps the id of a task to what it does.
type TasksInfo map[UUID]TaskInfo

// TaskInfo names the verb that began a task.
type TaskInfo struct {
	ID   UUID   `json:"id"`
	Verb string `json:"verb"`
}

// TasksStatus maps the id of a task to how far it is.
type TasksStatus map[UUID]TaskStatus

// TaskStatus is how far a task is.
type TaskStatus struct {
	TaskResult TaskResult `json:"taskResult"`
	Code       int64      `json:"code"` // error of a failed task; 0 when it went well
	TaskID     UUID       `json:"taskID"`
	TaskState  TaskState  `json:"taskState"`
	Message    string     `json:"message"`
}

// TaskResult is how a task ended; empty while it runs.
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

// TaskState is where a task is in its life.
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

// TasksDetails maps the id of a task to the task.
type TasksDetails map[UUID]TaskDetails

// TaskDetails is a task with all that is known of it.
type TaskDetails struct {
	ID      UUID   `json:"id"`
	Verb    string `json:"verb"`
	State   string `json:"state"` // by the names of task.py: "recovered"
	Code    int64  `json:"code"`
	Message string `json:"message"`
	Result  any    `json:"result"`
	Tag     string `json:"tag"` // the family of tasks it belongs to: "spm", "hsm"
}

// HostJobType is the kind of a job.
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

// HostJobInfoMap maps the id of a job to the job.
type HostJobInfoMap map[UUID]HostJobInfo

// HostJobInfo is a job of this host.
type HostJobInfo struct {
	Error       *ErrorInfo    `json:"error,omitzero" default:"null"`
	Progress    *uint64       `json:"progress,omitzero" default:"null"` // percent; left out when the job cannot tell
	ID          UUID          `json:"id"`
	Status      HostJobStatus `json:"status"`
	Description string        `json:"description"`
	JobType     HostJobType   `json:"job_type"`
}

// ErrorInfo is the error that ended something.
type ErrorInfo struct {
	Code    int64  `json:"code"`
	Message string `json:"message"`
}

// HostJobStatus is where a job is in its life.
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
