replay.start();
if (replay.isServed) replay.inspectAsked();
