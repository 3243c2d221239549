using System.Diagnostics;
using System.Globalization;
using Noos.Core;
using Noos.Testing;
using Noos.Training.Checkpoints;
using Noos.Training.Distributed;
using Noos.Training.Objectives;
using Noos.Training.Runs;
using Noos.Training.Tests.Runs;

namespace Noos.Training.Tests.Distributed;

/// <summary>Trainings whose workers are processes that are really killed, stopped, slowed down and made wrong.</summary>
public sealed class DistributedTrainingTests : IDisposable
{
    // Four shards of six rows: two of two, two of one.
    internal static TrainingPlan Plan { get; } =
        TinyTraining.Plan with { Workers = 4, RowsPerStep = 6, Steps = 20, CheckpointEvery = 5 };

    static readonly Lazy<byte[]> s_expected = new(() =>
    {
        var folder = Directory.CreateTempSubdirectory("noos-alone-").FullName;
        try
        {
            // Threads of one process, as every training was before there were workers.
            return TinyTraining.Finish(folder, Plan);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    });

    readonly string _folder = Directory.CreateTempSubdirectory("noos-distributed-").FullName;
    readonly List<WorkerIncident> _incidents = [];
    readonly List<RunEvent> _events = [];
    readonly List<Process> _guests = [];
    DistributedGradients? _gradients;

    public void Dispose()
    {
        foreach (var process in _guests)
        {
            process.Kill();
            process.Dispose();
        }

        Directory.Delete(_folder, recursive: true);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(4)]
    public void Training_is_bit_equal_for_any_number_of_workers(int workers)
    {
        var weights = Train(Options(workers));

        Assert.Equal(s_expected.Value, weights);
        Assert.Empty(_incidents);
    }

    [Fact]
    public void Training_whose_workers_are_killed_goes_on_from_its_last_step()
    {
        // One dies in the middle of its gradients, another between two updates.
        var launcher = Launcher("die 4");
        var weights = Train(Options(2, launcher), step =>
        {
            if (step == 11)
            {
                AwaitWorkers(2);
                Process.GetProcessById(launcher.Started[^1]).Kill();
            }
        });

        Assert.Equal(s_expected.Value, weights);
        Assert.Equal(2, _incidents.Count);
        Assert.All(_incidents, incident => Assert.Equal(WorkerFault.Lost, incident.Fault));
        Assert.EndsWith($":{launcher.Started[0]}", _incidents[0].Worker, StringComparison.Ordinal);
        AssertNoStepWasRepeated();
    }

    [Fact]
    public void Training_with_a_worker_that_stands_still_names_and_replaces_it()
    {
        var launcher = Launcher();
        var stopped = 0;
        var weights = Train(Options(2, launcher) with { HangTimeout = TimeSpan.FromSeconds(6) }, step =>
        {
            if (step == 4)
            {
                AwaitWorkers(2);
                stopped = launcher.Started[0];
                WorkerProcess.Signal(stopped, "STOP");
            }
        });

        Assert.Equal(s_expected.Value, weights);
        var incident = Assert.Single(_incidents);
        Assert.Equal(WorkerFault.Hung, incident.Fault);
        Assert.EndsWith($":{stopped}", incident.Worker, StringComparison.Ordinal);

        // A process that stands still is not left behind.
        Assert.Throws<ArgumentException>(() => Process.GetProcessById(stopped));
        AssertNoStepWasRepeated();
    }

    [Fact]
    public void Training_with_a_slow_worker_names_it_and_does_not_wait_for_it()
    {
        var weights = Train(Options(2, Threads("slow 600")) with
        {
            MinSlowTime = TimeSpan.FromSeconds(0.1),
            MaxSlowSteps = 2,
        });

        Assert.Equal(s_expected.Value, weights);
        Assert.Contains(_incidents, incident => incident.Fault == WorkerFault.Slow);
        AssertNoStepWasRepeated();
    }

    [Theory]
    [InlineData("sending 6", true)]
    [InlineData("sending 6", false)]
    [InlineData("received 6", false)]
    public void Training_with_a_worker_whose_memory_flips_a_bit_finds_it_in_the_same_update(string fault, bool process)
    {
        var weights = Train(Options(2, process ? Launcher(fault) : Threads(fault)) with { VerifyEvery = 0 });

        Assert.Equal(s_expected.Value, weights);
        Assert.Equal(WorkerFault.Wrong, Assert.Single(_incidents).Fault);
        AssertNoStepWasRepeated();
    }

    [Theory]
    [InlineData(1)]
    [InlineData(0)]
    public void Training_with_a_worker_that_computes_something_wrong_names_it_and_loses_less_than_a_checkpoint(int verifyEvery)
    {
        var weights = Train(Options(2, Threads("computed 7")) with { VerifyEvery = verifyEvery });

        Assert.Equal(s_expected.Value, weights);
        var incident = Assert.Single(_incidents);
        Assert.Equal(WorkerFault.Wrong, incident.Fault);
        Assert.EndsWith(":1", incident.Worker, StringComparison.Ordinal);
        Assert.InRange(incident.Step, 7, 10);
        Assert.Contains("back to step 5", Assert.Single(_events, happened => happened.Kind == RunEvent.RollBack).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Only_worker_that_computes_something_wrong_is_found_by_the_training_itself()
    {
        var weights = Train(Options(1, Threads("computed 7")));

        Assert.Equal(s_expected.Value, weights);
        Assert.Equal(WorkerFault.Wrong, Assert.Single(_incidents).Fault);
    }

    [Fact]
    public void Workers_come_and_go_while_the_training_goes_on()
    {
        var options = Options(0) with { Launcher = null };
        var weights = Train(options, step =>
        {
            if (step == 5)
            {
                Invite();
                Invite();
                AwaitWorkers(3);
            }
            else if (step == 12)
            {
                _guests[0].Kill();
                _guests[1].Kill();
            }
        }, begin: Invite);

        Assert.Equal(s_expected.Value, weights);
        AssertNoStepWasRepeated();
    }

    [Fact]
    public void Training_resumes_with_another_number_of_workers_and_without_any()
    {
        StopAt(7, Options(2), services => services with { WritesBesideTraining = true, CheckpointShards = 3 });
        var checkpoint = CheckpointStore.ReadLatest(In("run"))!;
        Assert.Equal(7, checkpoint.State.Step);
        Assert.Equal(3, checkpoint.ShardsOf("optimizer").Count);

        StopAt(13, Options(1));
        Assert.Equal(13, CheckpointStore.ReadLatest(In("run"))!.State.Step);
        Assert.Equal(s_expected.Value, TinyTraining.Finish(In("run"), Plan));

        void StopAt(long last, DistributedOptions options, Func<RunServices, RunServices>? services = null)
        {
            using var stop = new CancellationTokenSource();
            Train(options, step =>
            {
                if (step == last)
                {
                    stop.Cancel();
                }
            }, services: services, stop: stop);
        }
    }

    [Fact]
    public void Training_that_is_killed_itself_goes_on_with_the_workers_that_it_had()
    {
        var keyFile = In("join.key");
        JoinKey.Create(keyFile);
        using var port = new ReservedPort();
        var address = string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{port.Number}");
        var workers = Enumerable.Range(1, 2).Select(id =>
        {
            var worker = new Thread(() =>
                WorkerProcess.CreateWorker(address, keyFile, "", id, TimeSpan.FromMinutes(10)).Run(CancellationToken.None))
            {
                // A test that fails does not wait for them.
                IsBackground = true,
            };
            worker.Start();
            return worker;
        }).ToList();

        using (var first = CoordinatorProcess.Start(In("run"), address, keyFile, lastStep: 8))
        {
            // Some updates after a checkpoint: they are lost, and done again.
            while (first.StandardOutput.ReadLine() is { } line && line != "8")
            {
            }

            Assert.False(first.HasExited);
            first.Kill();
            first.WaitForExit();
        }

        var step = CheckpointStore.ReadLatest(In("run"))!.State.Step;
        Assert.InRange(step, 0, 5);
        using var second = CoordinatorProcess.Start(In("run"), address, keyFile);
        Assert.StartsWith($"{step + 1}\n", second.StandardOutput.ReadToEnd(), StringComparison.Ordinal);
        second.WaitForExit();

        Assert.Equal(0, second.ExitCode);
        Assert.Equal(s_expected.Value, TinyTraining.Finish(In("run"), Plan));

        // They were told that it is over.
        workers.ForEach(worker => Assert.True(worker.Join(TimeSpan.FromMinutes(1))));
    }

    [Fact]
    public void Checkpoints_written_beside_the_training_are_the_same_state_in_as_many_files_as_asked_for()
    {
        using (var run = TinyTraining.Open(In("run"), new RunServices { WritesBesideTraining = true, CheckpointShards = 3 }, Plan))
        {
            run.Run(CancellationToken.None);
        }

        using var resumed = TinyTraining.Open(In("run"), Plan);
        Assert.Equal(s_expected.Value, resumed.Parameters.Bytes.ToArray());
        Assert.True(resumed.IsComplete);
    }

    [Fact]
    public void Training_without_workers_stops_in_one_sentence()
    {
        var error = Assert.Throws<NoosException>(
            () => Train(Options(0) with { Launcher = null, JoinTimeout = TimeSpan.FromSeconds(0.3) }));

        Assert.Equal(ErrorKind.Unavailable, error.Kind);
        Assert.Contains("No worker has joined", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Worker_with_another_key_is_refused()
    {
        var stranger = In("stranger.key");
        File.WriteAllText(stranger, new string('7', 64));
        NoosException? refusal = null;
        Train(Options(1, Threads()), step =>
        {
            if (step == 2)
            {
                refusal = Assert.Throws<NoosException>(
                    () => new RemoteWorker(_gradients!.Address, stranger, TimeSpan.FromMinutes(1)).Run(CancellationToken.None));
            }
        });

        Assert.Equal(ErrorKind.Refused, refusal!.Kind);
        Assert.Contains("key", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Objective_that_workers_do_not_know_is_refused()
    {
        var plan = Plan with { Objective = new PairwiseRanking() };

        Assert.Equal(ErrorKind.Invalid, Assert.Throws<NoosException>(() => TinyTraining.Open(
            In("ranking"),
            new RunServices { Gradients = (_, parameters, _) => new DistributedGradients(plan, parameters, Options(0), _ => { }) },
            plan)).Kind);
    }

    string In(string name) => Path.Combine(_folder, name);

    static TestLauncher Launcher(params string[] faults) => new(faults);

    static ThreadLauncher Threads(params string[] faults) => new(faults);

    DistributedOptions Options(int workers, IWorkerLauncher? launcher = null) => new()
    {
        Workers = workers,
        Launcher = launcher ?? Launcher(),
        KeyFile = In("join.key"),
        VerifyEvery = 4,
        HangTimeout = TimeSpan.FromSeconds(20),
        JoinTimeout = TimeSpan.FromSeconds(60),
    };

    void Invite() => _guests.Add(WorkerProcess.Start(_gradients!.Address, In("join.key")));

    byte[] Train(
        DistributedOptions options, Action<long>? trained = null, Action? begin = null, Func<RunServices, RunServices>? services = null,
        CancellationTokenSource? stop = null)
    {
        var observer = new Observer(_events, step =>
        {
            if (step == 1)
            {
                // The updates take milliseconds, and processes a second to start: the first one would do all of it alone.
                AwaitWorkers(options.Workers);
            }

            trained?.Invoke(step);
        });
        var all = new RunServices
        {
            Observer = observer,
            Gradients = (plan, parameters, note) => _gradients = new DistributedGradients(plan, parameters, options, incident =>
            {
                _incidents.Add(incident);
                note(incident.Message);
            }),
        };
        using var run = TinyTraining.Open(In("run"), services?.Invoke(all) ?? all, Plan);
        begin?.Invoke();
        run.Run(stop?.Token ?? TestContext.Current.CancellationToken);
        return run.Parameters.Bytes.ToArray();
    }

    void AwaitWorkers(int count) =>
        Assert.True(SpinWait.SpinUntil(() => _gradients!.WorkerCount >= count, TimeSpan.FromSeconds(60)));

    void AssertNoStepWasRepeated() => Assert.DoesNotContain(_events, happened => happened.Kind == RunEvent.RollBack);

    /// <summary>Workers as threads of this process: what is wrong with a machine needs no process of its own to be found.</summary>
    sealed class ThreadLauncher(string[] faults) : IWorkerLauncher
    {
        readonly Queue<string> _faults = new(faults);
        readonly Dictionary<int, (Thread Thread, CancellationTokenSource Stop)> _workers = [];
        int _next;

        public int Start(string address, string keyFile)
        {
            var id = ++_next;
            var stop = new CancellationTokenSource();
            var worker = WorkerProcess.CreateWorker(address, keyFile, _faults.TryDequeue(out var fault) ? fault : "", id);
            var thread = new Thread(() =>
            {
                try
                {
                    worker.Run(stop.Token);
                }
                catch (NoosException)
                {
                    // Refused, or the training is over.
                }
            });
            thread.Start();
            _workers.Add(id, (thread, stop));
            return id;
        }

        public void Kill(int processId) => _workers[processId].Stop.Cancel();

        public bool IsRunning(int processId) => _workers[processId].Thread.IsAlive;

        public void Dispose()
        {
            foreach (var (thread, stop) in _workers.Values)
            {
                stop.Cancel();
                thread.Join();
                stop.Dispose();
            }
        }
    }

    /// <summary>Starts worker processes, the first ones with faults.</summary>
    sealed class TestLauncher(string[] faults) : IWorkerLauncher
    {
        readonly Queue<string> _faults = new(faults);
        readonly List<Process> _processes = [];

        public List<int> Started { get; } = [];

        public int Start(string address, string keyFile)
        {
            var process = WorkerProcess.Start(address, keyFile, _faults.TryDequeue(out var fault) ? fault : "");
            _processes.Add(process);
            Started.Add(process.Id);
            return process.Id;
        }

        public void Kill(int processId)
        {
            var process = _processes.Single(process => process.Id == processId);
            process.Kill();
            process.WaitForExit();
        }

        public bool IsRunning(int processId) => !_processes.Single(process => process.Id == processId).HasExited;

        public void Dispose()
        {
            foreach (var process in _processes)
            {
                process.Kill();
                process.WaitForExit();
                process.Dispose();
            }
        }
    }

    sealed class Observer(List<RunEvent> events, Action<long> trained) : IRunObserver
    {
        public void Trained(StepMetrics metrics) => trained(metrics.Step);

        public void Evaluated(Evaluation evaluation)
        {
        }

        public void Saved(long step)
        {
        }

        public void Resumed(long step)
        {
        }

        public void Event(RunEvent @event) => events.Add(@event);
    }
}
