using System.Text.Json;
using System.Text.Json.Serialization;

namespace Noos.Core.Tools;

/// <summary>
/// What a call does to the world. The gate judges by it alone: which kinds may carry data out, or outlast the process, is decided there.
/// </summary>
[JsonConverter(typeof(EffectKindConverter))]
public enum EffectKind
{
    /// <summary>Looks at something of this machine: a file, a fact of the memory, the camera. Nobody outside learns of it.</summary>
    Read,

    /// <summary>
    /// Asks a service that the administrator has chosen and trusts with any question, such as a search engine: words go out, but to nobody
    /// whom content could name. A service that is not trusted so far is <see cref="Send"/>.
    /// </summary>
    Query,

    /// <summary>Opens an address of the web for reading. Whoever is there learns every character of the address.</summary>
    Fetch,

    /// <summary>Hands data to somebody: a form, a mail, a call of an MCP server.</summary>
    Send,

    /// <summary>Changes something that outlasts the process: a file, a fact of the memory. Deleting is a change.</summary>
    Write,

    /// <summary>Puts something before a person, who decides later; until then nothing uses it: a fact in quarantine.</summary>
    Propose,

    /// <summary>
    /// Runs code in a sandbox without a network, which sees and changes only the folder of the process. Code that can do more has further
    /// effects.
    /// </summary>
    Run,

    /// <summary>Starts a sub-agent, or speaks with one, which may do no more than the caller.</summary>
    Spawn,

    /// <summary>Gives a sub-agent more than the caller has: tools, budget.</summary>
    Widen,
}

/// <summary>Kinds in lower case.</summary>
public sealed class EffectKindConverter()
    : JsonStringEnumConverter<EffectKind>(JsonNamingPolicy.SnakeCaseLower, allowIntegerValues: false);
