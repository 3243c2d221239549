using Noos.Core;
using Noos.Kernel.Agents;
using Noos.Kernel.Cpu;
using Noos.Kernel.Journaling;
using Noos.Kernel.Processes;
using Noos.Pages.Hosting;

namespace Noos.Pages.Monitoring;

/// <summary>
/// Looks at the system every second while somebody watches, once for all who do; else it costs nothing. Thread-safe.
/// </summary>
sealed class SystemWatch : IDisposable
{
    // Those that changed longest ago are found in the sidebar.
    const int MaxProcesses = 500;

    // A minute.
    const int MaxRates = 60;

    // Which models are there takes a look at the disk.
    const int ModelTicks = 5;

    // Of a call under way the last events tell; before it stand what the run wrote.
    const int CallEvents = 8;

    readonly PageProcesses _processes;
    readonly RequestTable _requests;
    readonly ICpu _cpu;
    readonly TimeProvider _time;
    readonly TimeSpan _interval;
    readonly WatchTimer _timer;
    readonly Lock _looking = new();
    SystemSnapshot? _latest;
    Dictionary<long, long> _tokens = [];
    IReadOnlyList<CpuListing> _models = [];
    TimeSpan _worked;
    long _looked;
    int _ticks;

    public SystemWatch(PageProcesses processes, RequestTable requests, Assistant assistant, PagesOptions options, TimeProvider time)
    {
        (_processes, _requests, _cpu, _time, _interval) = (processes, requests, assistant.Cpu, time, options.MonitorInterval);
        _timer = new WatchTimer(time, _interval, Tick);
    }

    /// <summary>The last look while somebody watches; else one is taken now.</summary>
    /// <exception cref="NoosException">The journal cannot be read.</exception>
    public SystemSnapshot Latest =>
        _timer.IsWatched && Volatile.Read(ref _latest) is { } known ? known : Look();

    /// <summary>Calls after every look, until the result is disposed.</summary>
    public IDisposable Watch(Action changed) => _timer.Watch(changed);

    /// <summary>Something was done: nobody need wait for the next look.</summary>
    public void Tell() => Tick();

    public void Dispose() => _timer.Dispose();

    void Tick()
    {
        try
        {
            Look();
        }
        catch (Exception e) when (e is NoosException or ObjectDisposedException)
        {
            // The next look will tell.
            return;
        }

        _timer.Notify();
    }

    SystemSnapshot Look()
    {
        lock (_looking)
        {
            var passed = _looked == 0 ? TimeSpan.Zero : _time.GetElapsedTime(_looked);
            _looked = _time.GetTimestamp();
            var worked = Environment.CpuUsage.TotalTime;
            var cores = passed > TimeSpan.Zero ? (worked - _worked) / passed : 0;
            _worked = worked;
            if (_ticks++ % ModelTicks == 0)
            {
                _models = [.. _cpu.List().Where(model => model.IsOpen && model.Parent is null)];
            }

            var table = _processes.Exist ? _processes.Table : null;
            ProcessRecord[] records =
            [
                .. _requests.List(),
                .. (table?.List(new ProcessFilter { Limit = MaxProcesses }) ?? []).OrderBy(process => !process.IsDue)
                    .ThenByDescending(process => process.IsDue ? default : process.Changed).ThenBy(process => process.Id),
            ];
            WatchedProcess[] processes = [.. records.Select(record => new WatchedProcess(record, RateOf(record, passed), CallOf(record)))];
            _tokens = records.DistinctBy(record => record.Id).ToDictionary(record => record.Id, record => record.Usage.TokensOut);
            var before = Volatile.Read(ref _latest);
            // Nobody watched meanwhile: what was then is no part of the last minute.
            var isNext = before is not null && passed < _interval * 3;
            var now = new SystemSnapshot(_time.GetUtcNow())
            {
                Processes = processes,
                Approvals = table?.Approvals() ?? [],
                Memory = table?.Memory() ?? [],
                Cache = _cpu.Cache,
                SwapBytes = table?.SwapBytes ?? 0,
                Models = _models,
                Journal = table?.Extent(),
                ServerBytes = Environment.WorkingSet,
                Cores = cores,
                Rates = [.. (isNext ? before!.Rates : []).Append(processes.Sum(process => process.TokensPerSecond)).TakeLast(MaxRates)],
            };
            Volatile.Write(ref _latest, now);
            return now;
        }
    }

    double RateOf(ProcessRecord process, TimeSpan passed) => passed > TimeSpan.Zero && passed < _interval * 3
        ? Math.Max(0, process.Usage.TokensOut - _tokens.GetValueOrDefault(process.Id, process.Usage.TokensOut)) / passed.TotalSeconds
        : 0;

    string? CallOf(ProcessRecord process) =>
        process is not { State: ProcessState.WaitingForCall, Kind: not ProcessKind.Request } ? null
        : _processes.Table.LastEvents(process.Id, CallEvents).Select(entry => entry.Event).OfType<CallBegan>().LastOrDefault()?.Call.Name;
}
