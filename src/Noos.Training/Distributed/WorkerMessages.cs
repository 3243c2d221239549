using Noos.Language.Models;
using Noos.Training.Kernels;

namespace Noos.Training.Distributed;

/// <summary>Who a worker is.</summary>
/// <param name="Answer">HMAC of the challenge.</param>
/// <param name="Name">Machine and process, for people.</param>
/// <param name="ProcessId">Id of its process on its machine.</param>
/// <param name="VectorBits">Width of its vectors, which decides how it rounds.</param>
sealed record WorkerHello(byte[] Answer, string Name, int ProcessId, int VectorBits);

/// <summary>What a worker needs to compute what all others compute.</summary>
/// <param name="Kernels">The kernels by name: those of the coordinator, never the fastest of each machine.</param>
/// <param name="Shards">Shards of a batch.</param>
/// <param name="Threads">Shards that the worker should compute at a time.</param>
/// <param name="HeartbeatMilliseconds">How often it says that it is alive.</param>
sealed record WorkerWelcome(
    TransformerConfig Model, string Objective, string Kernels, Precision Precision, int Shards, int Threads, int HeartbeatMilliseconds);
