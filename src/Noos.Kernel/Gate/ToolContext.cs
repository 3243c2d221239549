using Noos.Core.Conversations;
using Noos.Core.Network;
using Noos.Core.Tools;

namespace Noos.Kernel.Gate;

/// <summary>What one call may use.</summary>
sealed class ToolContext(Caller caller, TimeProvider timeProvider, Func<EgressGuard> egress, Func<EgressRequest, string?>? refuse)
    : IToolContext, IDisposable
{
    HttpClient? _http;
    string? _folder;

    public string ProcessId => caller.ProcessId;

    public string Owner => caller.Owner;

    public TimeProvider TimeProvider => timeProvider;

    // Most tools need neither: HTTP is loaded, and the folder made, when it is asked for.
    public HttpClient Http => _http ??= egress().CreateClient(refuse);

    public string? Folder => caller.Folder is null ? null : _folder ??= Directory.CreateDirectory(caller.Folder).FullName;

    public Origin? Taint => caller.Taint;

    public void Dispose() => _http?.Dispose();
}
