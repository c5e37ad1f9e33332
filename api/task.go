// SPDX-License-Identifier: GPL-2.0-or-later

package api

// TaskClear forgets a task that has ended.
var TaskClear = declare[TaskClearParams, Nothing]("Task.clear", "3.1")

// TaskClearParams are the parameters of Task.clear.
type TaskClearParams struct {
	TaskID UUID `json:"taskID" api:"object"`
}

// TaskGetInfo tells which verb began a task.
var TaskGetInfo = declare[TaskGetInfoParams, TaskInfo]("Task.getInfo", "3.1")

// TaskGetInfoParams are the parameters of Task.getInfo.
type TaskGetInfoParams struct {
	TaskID UUID `json:"taskID" api:"object"`
}

// TaskGetStatus tells how far a task is.
var TaskGetStatus = declare[TaskGetStatusParams, TaskStatus]("Task.getStatus", "3.1")

// TaskGetStatusParams are the parameters of Task.getStatus.
type TaskGetStatusParams struct {
	TaskID UUID `json:"taskID" api:"object"`
}

// TaskRevert undoes what a task did.
var TaskRevert = declare[TaskRevertParams, Nothing]("Task.revert", "3.1")

// TaskRevertParams are the parameters of Task.revert.
type TaskRevertParams struct {
	TaskID UUID `json:"taskID" api:"object"`
}

// TaskStop stops a task.
var TaskStop = declare[TaskStopParams, Nothing]("Task.stop", "3.1")

// TaskStopParams are the parameters of Task.stop.
type TaskStopParams struct {
	TaskID UUID `json:"taskID" api:"object"`
}
