using System.Text.Json;
using System.Text.Json.Serialization;

namespace Noos.Core.Facts;

/// <summary>Whether a fact may be used.</summary>
[JsonConverter(typeof(FactStateConverter))]
public enum FactState
{
    /// <summary>Models are told of it.</summary>
    Kept,

    /// <summary>In quarantine: written where something foreign had been read, and hidden from models until a person accepts it.</summary>
    Waiting,

    /// <summary>Forgotten; an undo brings it back.</summary>
    Forgotten,
}

/// <summary>States in lower case.</summary>
public sealed class FactStateConverter() : JsonStringEnumConverter<FactState>(JsonNamingPolicy.SnakeCaseLower, allowIntegerValues: false);
