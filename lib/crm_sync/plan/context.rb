# frozen_string_literal: true

module CrmSync
  # What a plan needs beside its changes, to be shown, kept and applied:
  #
  # * +read+ – how its sides were read
  # * +budgets+ and +source_check+ – what limits it
  # * +writer+ – writes its changes
  # * +codec+ – brings them into a file
  # * +history+ – keeps what becomes of them
  # * +lock+ – is held meanwhile
  # * +seconds+ – that planning took
  # * +whole+ – whether it is for everybody
  # * +of_partition+ – the part of the app that it is for, if there are several
  PlanContext = Struct.new(:read, :budgets, :source_check, :writer, :codec, :history, :lock, :seconds, :whole,
                           :of_partition, keyword_init: true)
  private_constant :PlanContext
end
