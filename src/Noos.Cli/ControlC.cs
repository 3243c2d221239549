using System.Runtime.InteropServices;

namespace Noos.Cli;

/// <summary>
/// SIGINT and SIGTERM as cancellation: Ctrl-C cancels the innermost piece of work that listens. When that was cancelled already and goes
/// on, another Ctrl-C ends the program.
/// </summary>
sealed class ControlC : IDisposable
{
    /// <summary>What shells expect of a program that SIGINT ended: 128 + 2.</summary>
    public const int ExitCode = 130;

    static ControlC? s_innermost;

    readonly CancellationTokenSource _source = new();
    readonly PosixSignalRegistration[] _signals;
    readonly ControlC? _outer;

    ControlC(ControlC? outer)
    {
        _outer = outer;

        // One registration for the whole program: two would both be called, and the inner one could not say that the signal is dealt with.
        _signals = outer is null
            ? [PosixSignalRegistration.Create(PosixSignal.SIGINT, OnSignal), PosixSignalRegistration.Create(PosixSignal.SIGTERM, OnSignal)]
            : [];
    }

    public CancellationToken Token => _source.Token;

    /// <summary>Work begins that Ctrl-C shall stop; it ends with <see cref="Dispose"/>.</summary>
    public static ControlC Begin() => s_innermost = new ControlC(s_innermost);

    public void Dispose()
    {
        s_innermost = _outer;
        foreach (var signal in _signals)
        {
            signal.Dispose();
        }

        _source.Dispose();
    }

    // Called on a thread of its own.
    static void OnSignal(PosixSignalContext context)
    {
        if (s_innermost is { _source.IsCancellationRequested: false } work)
        {
            // The program goes on, so that it can save and answer; at the second signal the system ends it as usual.
            context.Cancel = true;
            work._source.Cancel();
        }
    }
}
