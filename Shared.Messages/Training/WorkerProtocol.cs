using RalmActors.Messages.Entities;
using RalmActors.Messages.Wire;

namespace RalmActors.Messages.Training;

public sealed partial class OpenTrainingWorker : IWireMessage;

public sealed partial class TrainingWorkerOpened : IWireMessage;

public sealed partial class TrainingWorkerFailed : IWireMessage;

public sealed partial class CloseTrainingWorker : IWireMessage;

public sealed partial class TrainWorkerBatch : IWireMessage;

public sealed partial class WorkerBatchTrained : IWireMessage;

public sealed partial class HandInState : IWireMessage;

public sealed partial class StateChunk : IWireMessage;
