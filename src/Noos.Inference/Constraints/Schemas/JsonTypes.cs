namespace Noos.Inference.Constraints.Schemas;

/// <summary>Kinds of JSON values. JSON Schema's "number" is the last two.</summary>
[Flags]
enum JsonTypes
{
    None = 0,
    Null = 1,
    Boolean = 2,
    Object = 4,
    Array = 8,
    String = 16,
    Integer = 32,
    Fractional = 64,
    Number = Integer | Fractional,
    All = 127,
}
