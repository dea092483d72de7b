replay.start();
