namespace Noos.Inference.KeyValues;

/// <summary>Storage type of the KV cache.</summary>
public enum KeyValueType
{
    /// <summary>32-bit floats, exactly as computed: the reference.</summary>
    F32,

    /// <summary>IEEE half precision; larger values are clamped to 65,504.</summary>
    F16,

    /// <summary>8-bit integers with one 16-bit scale per 32 values of a head (Q8_0 in llama.cpp).</summary>
    Q8,
}
