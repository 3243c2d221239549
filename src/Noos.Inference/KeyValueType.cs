namespace Noos.Inference;

/// <summary>How keys and values are kept.</summary>
public enum KeyValueType
{
    /// <summary>32-bit floats, exactly as computed: the reference.</summary>
    F32,

    /// <summary>16-bit floats of the IEEE kind; larger numbers than 65,504 are kept as that.</summary>
    F16,

    /// <summary>8-bit whole numbers, every 32 numbers of a head with a 16-bit scale of their own.</summary>
    Q8,
}
