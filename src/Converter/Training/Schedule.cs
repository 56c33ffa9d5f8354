namespace TinyInference.Converter.Training;

internal enum ScheduleKind
{
    Constant,
    Step,
    Cosine,
}

/// <summary>The learning rate over the course of a training.</summary>
/// <param name="Rate">At the start, after the warm-up.</param>
/// <param name="Warmup">Share of the training in which the rate rises from 0.</param>
internal sealed record Schedule(ScheduleKind Kind, float Rate, float Warmup = 0)
{
    /// <param name="progress">0 at the start, 1 at the end.</param>
    public float At(double progress)
    {
        if (progress < Warmup)
        {
            return (float)(Rate * progress / Warmup);
        }

        return Kind switch
        {
            // A tenth after half of the training, a hundredth after three quarters.
            ScheduleKind.Step => progress < 0.5 ? Rate : progress < 0.75 ? Rate * 0.1f : Rate * 0.01f,
            // arXiv 1608.03983, equation 5, one period.
            ScheduleKind.Cosine => Rate * (float)(0.5 * (1 + Math.Cos(Math.PI * progress))),
            _ => Rate,
        };
    }
}
