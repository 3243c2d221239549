using System.Globalization;
using System.Net.Sockets;
using Noos.Core;
using Noos.Core.Network;
using Noos.Training.Kernels;
using Noos.Training.Model;
using Noos.Training.Objectives;
using Noos.Training.Torch;

namespace Noos.Training.Distributed;

/// <summary>
/// A worker process of a distributed training: it needs an address and a key, and is sent everything else, weights and rows included. It
/// computes shards until the training is over, and joins again when the connection ends.
/// </summary>
/// <param name="address">Host and port of the coordinator.</param>
/// <param name="keyFile">File of the secret.</param>
/// <param name="patience">How long it tries to join again after the connection ended, and at first.</param>
public sealed unsafe class RemoteWorker(string address, string keyFile, TimeSpan patience)
{
    // Between two attempts to join.
    const int RetryMilliseconds = 200;

    readonly byte[] _key = JoinKey.Read(keyFile);
    readonly (string Host, int Port) _coordinator = Parse(address);

    /// <summary>Heard when the worker has joined or lost the connection: one sentence.</summary>
    public Action<string>? Note { get; init; }

    internal WorkerFaults Faults { get; init; } = new();

    /// <summary>Another one for each where several work in one process.</summary>
    internal int Id { get; init; } = Environment.ProcessId;

    /// <summary>Works until the training is over or the token asks to stop.</summary>
    /// <exception cref="NoosException">Nobody answers at the address for too long, or the worker is refused.</exception>
    public void Run(CancellationToken cancellationToken)
    {
        var lastSeen = Environment.TickCount64;
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                using var stream = new FrameStream(EgressGuard.ConnectToPeer(_coordinator.Host, _coordinator.Port));
                using var stop = cancellationToken.Register(() => Leave(stream));
                if (Work(stream, () => lastSeen = Environment.TickCount64))
                {
                    return;
                }
            }
            catch (Exception e) when (e is IOException or SocketException or InvalidDataException or ObjectDisposedException)
            {
                if (cancellationToken.IsCancellationRequested)
                {
                    return;
                }

                if (Environment.TickCount64 - lastSeen > patience.TotalMilliseconds)
                {
                    throw new NoosException(
                        ErrorKind.Unavailable,
                        $"No training answers at {address} ({e.Message.TrimEnd('.')}); start it with --listen, or give its address.", e);
                }

                cancellationToken.WaitHandle.WaitOne(RetryMilliseconds);
            }
        }
    }

    static (string Host, int Port) Parse(string address)
    {
        var colon = address.LastIndexOf(':');
        return colon > 0 && int.TryParse(address.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var port)
            && port is > 0 and < 65_536
                ? (address[..colon].Trim('[', ']'), port)
                : throw new NoosException(
                    ErrorKind.Invalid, $"'{address}' is no address of a training; give its host and port, such as 10.0.0.5:7080.");
    }

    static void Leave(FrameStream stream)
    {
        try
        {
            stream.Write(new Frame { Kind = FrameKind.Bye }, []);
            stream.Dispose();
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            // It was over anyway.
        }
    }

    /// <returns>Whether the training is over; false never comes back, the connection ends with an exception.</returns>
    bool Work(FrameStream stream, Action seen)
    {
        var welcome = JoinTraining(stream);
        seen();
        Note?.Invoke($"Joined the training at {address}.");

        // From now on, also while libtorch is loaded.
        using var heartbeat = new Heartbeat(stream, TimeSpan.FromMilliseconds(welcome.HeartbeatMilliseconds));
        TorchRuntime.Initialize();
        using var parameters = new Parameters(welcome.Model);
        var products = new ProductOptions { Kernels = welcome.Kernels, Precision = welcome.Precision };
        var threads = Math.Clamp(welcome.Threads, 1, Math.Max(1, Environment.ProcessorCount));
        using var computer = new ShardComputer(parameters, threads, CrossEntropy.Instance.RowsPerSample, products);
        var length = parameters.Layout.Length * sizeof(float);
        while (true)
        {
            var frame = stream.ReadHeader();
            seen();
            switch (frame.Kind)
            {
                case FrameKind.Weights:
                    var hash = stream.ReadPayload(frame, (byte*)parameters.Memory, length);
                    if (hash != frame.PayloadHash)
                    {
                        throw new InvalidDataException("Weights do not match their checksum.");
                    }

                    Faults.Received(frame.Attempt, parameters.Memory);
                    break;
                case FrameKind.Order:
                    Compute(stream, computer, parameters, welcome.Shards, frame.Attempt, ShardOrder.FromBytes(stream.ReadPayload(frame)));
                    break;
                case FrameKind.Bye:
                    return true;
                default:
                    throw new InvalidDataException($"The coordinator sent a frame of kind {frame.Kind}.");
            }
        }
    }

    WorkerWelcome JoinTraining(FrameStream stream)
    {
        var frame = stream.ReadHeader();
        if (frame.Kind != FrameKind.Challenge)
        {
            throw new InvalidDataException("No training answers there.");
        }

        var name = string.Create(CultureInfo.InvariantCulture, $"{Environment.MachineName}:{Id}");
        stream.WriteJson(
            new Frame { Kind = FrameKind.Hello },
            new WorkerHello(
                JoinKey.Answer(_key, stream.ReadPayload(frame)), name, Id, WorkerListener.VectorBits));
        frame = stream.ReadHeader();
        return frame.Kind switch
        {
            FrameKind.Welcome => stream.ReadJson<WorkerWelcome>(frame),
            FrameKind.Refused => throw new NoosException(ErrorKind.Refused, stream.ReadJson<string>(frame)),
            _ => throw new InvalidDataException("No training answers there."),
        };
    }

    void Compute(
        FrameStream stream, ShardComputer computer, Parameters parameters, int shardCount, long attempt, ShardOrder order)
    {
        var objective = CrossEntropy.Instance;
        var samples = order.Rows.Chunk(objective.RowsPerSample).ToArray();
        var length = parameters.Layout.Length * sizeof(float);
        computer.Compute(objective, samples, order.Scale, order.Shards, shardCount, (shard, loss, gradient) =>
        {
            Faults.Computed(attempt, shard, (float*)gradient);
            var frame = new Frame
            {
                Kind = FrameKind.Gradient,
                Attempt = attempt,
                Shard = shard,
                Loss = loss,

                // Those that were computed with, as they are afterwards: memory that changed them meanwhile is found.
                WeightsHash = FrameStream.Hash((byte*)parameters.Memory, length),
                PayloadHash = FrameStream.Hash((byte*)gradient, length),
            };
            Faults.Sending(attempt, shard, (float*)gradient);
            stream.Write(frame, (byte*)gradient, length);
        });
    }

    /// <summary>Says every so often that this process is alive, on a thread of its own: the pool computes.</summary>
    sealed class Heartbeat : IDisposable
    {
        readonly ManualResetEventSlim _stop = new();
        readonly Thread _thread;

        public Heartbeat(FrameStream stream, TimeSpan interval)
        {
            _thread = new Thread(() =>
            {
                try
                {
                    do
                    {
                        stream.Write(new Frame { Kind = FrameKind.Heartbeat }, []);
                    }
                    while (!_stop.Wait(interval));
                }
                catch (Exception e) when (e is IOException or ObjectDisposedException)
                {
                    // Whoever reads finds out.
                }
            })
            {
                IsBackground = true,
                Name = "heartbeat",
            };
            _thread.Start();
        }

        public void Dispose()
        {
            _stop.Set();
            _thread.Join();
            _stop.Dispose();
        }
    }
}
