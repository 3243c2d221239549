namespace Noos.Language.Architectures;

/// <summary>A family of encoders: how its metadata is read. Which tensors there are follows from the numbers.</summary>
public abstract class EncoderArchitecture
{
    /// <summary>As <c>general.architecture</c> names it.</summary>
    public abstract string Name { get; }

    public abstract EncoderConfig Read(ModelMetadata metadata);
}
