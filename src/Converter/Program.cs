using TinyInference.Converter;

try
{
    throw new InputException("no verb is there yet");
}
catch (InputException e)
{
    Console.Error.WriteLine("error: " + e.Message);
    return 1;
}
