using System.Text.Json.Serialization;
using Noos.Kernel.Processes;

namespace Noos.Kernel.Memory;

/// <summary>What a person has decided about a page of the context.</summary>
[JsonConverter(typeof(SnakeCaseEnumConverter<PageMark>))]
public enum PageMark
{
    /// <summary>The kernel decides.</summary>
    None,

    /// <summary>It stays in the window whatever happens.</summary>
    Pinned,

    /// <summary>It is paged out; a stub stays in its place where one is needed.</summary>
    Dropped,
}
