using Noos.Core.Conversations;
using Noos.Core.Network;
using Noos.Core.Tools;

namespace Noos.Kernel.Gate;

/// <summary>What one call may use.</summary>
sealed class ToolContext(
    Caller caller,
    TimeProvider timeProvider,
    Func<EgressGuard> egress,
    Func<EgressRequest, string?>? refuse,
    Action<string>? report = null) : IToolContext, IDisposable
{
    // Half of a window, at three characters a token.
    const double RoomPerToken = 1.5;

    // A watcher has seen enough by then; a tool may report without end.
    const int MaxReported = 1 << 16;

    HttpClient? _http;
    string? _folder;
    int _reported;

    public string ProcessId => caller.ProcessId;

    public string Owner => caller.Owner;

    public bool IsGuest { get; init; }

    public TimeProvider TimeProvider => timeProvider;

    // Most tools need neither: HTTP is loaded, and the folder made, when it is asked for.
    public HttpClient Http => _http ??= egress().CreateClient(refuse);

    public string? Folder => caller.Folder is null ? null : _folder ??= Directory.CreateDirectory(caller.Folder).FullName;

    public int? ResultRoom => caller.Window is { } window ? (int)(window * RoomPerToken) : null;

    public Origin? Taint => caller.Taint;

    public void Report(string output)
    {
        ArgumentNullException.ThrowIfNull(output);
        if (report is not null && Interlocked.Add(ref _reported, output.Length) <= MaxReported)
        {
            report(output);
        }
    }

    public void Dispose() => _http?.Dispose();
}
