using Noos.Core.Conversations;
using Noos.Core.Tools;

namespace Noos.Tools.Tests;

/// <summary>What a tool gets in a test: a clock, an owner, and a label of what was read.</summary>
sealed class ToolTestContext(TimeProvider? timeProvider = null) : IToolContext
{
    public string ProcessId { get; init; } = "7";

    public TimeProvider TimeProvider => timeProvider ?? TimeProvider.System;

    public HttpClient Http => throw new NotSupportedException("No requests here.");

    public string? Folder => null;

    public Origin? Taint { get; init; }
}
