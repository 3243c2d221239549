using System.CommandLine;
using Noos.Inference.KeyValues;

namespace Noos.Cli;

/// <summary><c>--kv f32|f16|q8</c></summary>
static class KeyValueOption
{
    public static Option<KeyValueType> Create() => new("--kv")
    {
        Description = "How keys and values are kept: f32 exactly, f16 in half the memory, q8 in a quarter.",
        HelpName = "f32|f16|q8",
        DefaultValueFactory = _ => KeyValueType.F16,
        CustomParser = result =>
        {
            switch (result.Tokens[^1].Value.ToUpperInvariant())
            {
                case "F32":
                    return KeyValueType.F32;
                case "F16":
                    return KeyValueType.F16;
                case "Q8":
                    return KeyValueType.Q8;
                default:
                    result.AddError($"'{result.Tokens[^1].Value}' is no way to keep keys and values; choose f32, f16 or q8.");
                    return default;
            }
        },
    };
}
