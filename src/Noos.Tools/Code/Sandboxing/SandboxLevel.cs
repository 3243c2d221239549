using System.Text.Json;
using System.Text.Json.Serialization;

namespace Noos.Tools.Code.Sandboxing;

/// <summary>How programs are confined, the strongest first. There is no level without confinement.</summary>
[JsonConverter(typeof(SandboxLevelConverter))]
public enum SandboxLevel
{
    /// <summary>
    /// Bubblewrap: namespaces of its own for files, processes, network, users and IPC; inside them seccomp, Landlock and limits.
    /// </summary>
    Bubblewrap,

    /// <summary>No namespaces, but Landlock, seccomp, limits, and where Noos runs as root a user of its own.</summary>
    Landlock,

    /// <summary>No program is run; JavaScript is interpreted inside Noos, with limits and without access to anything outside.</summary>
    Interpreter,
}

/// <summary>Levels in lower case.</summary>
public sealed class SandboxLevelConverter()
    : JsonStringEnumConverter<SandboxLevel>(JsonNamingPolicy.SnakeCaseLower, allowIntegerValues: false);
