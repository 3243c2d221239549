using System.Text.Json.Serialization;

namespace Noos.Core.Schemas;

/// <summary>Writes the names of properties as JSON values.</summary>
[JsonSerializable(typeof(string))]
sealed partial class SchemaJsonContext : JsonSerializerContext;
