using System.Text.Json.Serialization;
using Noos.Kernel.Processes;

namespace Noos.Kernel.Memory;

/// <summary>How much of a page the model is shown.</summary>
[JsonConverter(typeof(SnakeCaseEnumConverter<PageState>))]
public enum PageState
{
    /// <summary>All of it.</summary>
    In,

    /// <summary>Its beginning and its end, with a note between them.</summary>
    Part,

    /// <summary>Nothing, or a stub that says what it was.</summary>
    Out,
}
