# frozen_string_literal: true

module CrmSync
  # What a plan needs besides its changes, to be shown, kept and applied:
  #
  # * +read+ – how its sides were read
  # * +budgets+ and +source_check+ – its limits
  # * +writer+ – writes its changes
  # * +codec+ – converts them for a file
  # * +history+ – keeps what becomes of them
  # * +lock+ – is held while they are written
  # * +seconds+ – the duration of planning
  # * +whole+ – whether it is for everybody
  # * +of_partition+ – the part of the app that it is for, if there are several
  PlanContext = Struct.new(:read, :budgets, :source_check, :writer, :codec, :history, :lock, :seconds, :whole,
                           :of_partition, keyword_init: true)
  private_constant :PlanContext
end
