using System.Text.Json.Serialization;

namespace Noos.Tools.Code;

[JsonSerializable(typeof(string[]))]
sealed partial class CodeJsonContext : JsonSerializerContext;
